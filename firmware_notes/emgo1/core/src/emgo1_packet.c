#include "emgo1_packet.h"

#include "emgo1_bytes.h"

enum { SAMPLES_AT = EMGO1_HEAD_BYTES + EMGO1_ACK_BYTES, VERSION_FULL = 1, VERSION_COMPACT = 2, ACKNOWLEDGES = 1 << 4 };

static uint8_t bits_of(uint8_t format)
{
    return format == EMGO1_I16 ? 16 : format == EMGO1_I24 ? 24 : 12;
}

uint8_t emgo1_n_channels(uint8_t mask)
{
    uint8_t n = 0;
    for (; mask; mask &= (uint8_t)(mask - 1)) {
        n++;
    }
    return n;
}

uint8_t emgo1_packet_frames(const emgo1_layout *layout, uint16_t room)
{
    uint32_t bits = (uint32_t)bits_of(layout->format) * emgo1_n_channels(layout->mask);
    uint32_t frames;
    if (layout->format == EMGO1_COMPACT) {
        return room >= EMGO1_COMPACT_BYTES ? EMGO1_COMPACT_FRAMES : 0;
    }
    frames = room > EMGO1_HEAD_BYTES ? (room - EMGO1_HEAD_BYTES) * 8u / bits : 0;
    return (uint8_t)(frames < EMGO1_FRAMES ? frames : EMGO1_FRAMES);
}

void emgo1_packet_begin(emgo1_packet *packet, uint32_t index, uint32_t t_us)
{
    packet->start = SAMPLES_AT;
    packet->end = SAMPLES_AT;
    packet->half = 0;
    packet->n_frames = 0;
    packet->marks = 0;
    packet->index = index;
    packet->t_us = t_us;
}

static void add_i12(emgo1_packet *packet, uint32_t value)
{
    uint8_t *end = &packet->bytes[packet->end];
    if (packet->half) {
        end[-1] |= (uint8_t)(value << 4);
        end[0] = (uint8_t)(value >> 4);
        packet->end = (uint16_t)(packet->end + 1);
    } else {
        end[0] = (uint8_t)value;
        end[1] = (uint8_t)(value >> 8 & 15);
        packet->end = (uint16_t)(packet->end + 2);
    }
    packet->half ^= 1;
}

void emgo1_packet_add(emgo1_packet *packet, const emgo1_layout *layout, const emgo1_frame *frame)
{
    uint8_t bits = bits_of(layout->format);
    uint8_t narrow = bits < layout->bits ? bits : layout->bits;
    int32_t high = (int32_t)(1UL << (narrow - 1)) - 1;
    int32_t cut = bits < layout->bits; /* the format's own ends are values like others, the converter's are not */
    uint8_t mask = layout->mask;
    const int32_t *count = frame->counts;
    uint8_t marks = (uint8_t)frame->marks;

    for (; mask; mask >>= 1, count++) {
        int32_t value = *count;
        if (!(mask & 1)) {
            continue;
        }
        if (value >= high + cut || value < -high - cut) {
            marks |= EMGO1_LEAD_OFF;
        }
        value = value > high ? high : value < -high ? -high - 1 : value;
        if (bits == 12) {
            add_i12(packet, (uint32_t)value);
        } else {
            emgo1_put_u16(&packet->bytes[packet->end], (uint32_t)value);
            if (bits == 24) {
                packet->bytes[packet->end + 2] = (uint8_t)((uint32_t)value >> 16);
            }
            packet->end = (uint16_t)(packet->end + bits / 8);
        }
    }
    packet->marks |= marks & (EMGO1_LEAD_OFF | EMGO1_SYNC_EDGE);
    packet->n_frames++;
}

void emgo1_packet_close(emgo1_packet *packet, const emgo1_layout *layout, uint16_t sequence, bool gap,
                        const emgo1_ack *ack, uint16_t room)
{
    uint8_t marks = (uint8_t)(packet->marks | (gap ? EMGO1_GAP : 0));
    uint8_t *head;
    if (layout->format == EMGO1_COMPACT) {
        packet->start = SAMPLES_AT - EMGO1_COMPACT_HEAD_BYTES;
        head = &packet->bytes[packet->start];
        head[0] = (uint8_t)(VERSION_COMPACT | marks);
        head[1] = (uint8_t)sequence;
        emgo1_put_u16(head + 2, packet->index);
        emgo1_put_u16(head + 4, packet->t_us >> 4);
        return;
    }
    if (ack != 0 && packet->end <= room) {
        packet->start = 0;
        marks |= ACKNOWLEDGES;
        packet->bytes[EMGO1_HEAD_BYTES] = ack->back;
        emgo1_put_u24(&packet->bytes[EMGO1_HEAD_BYTES + 1], ack->age_us);
    } else {
        packet->start = EMGO1_ACK_BYTES;
    }
    head = &packet->bytes[packet->start];
    head[0] = (uint8_t)(VERSION_FULL | marks);
    head[1] = (uint8_t)((emgo1_n_channels(layout->mask) - 1) | layout->format << 3);
    emgo1_put_u16(head + 2, sequence);
    emgo1_put_u32(head + 4, packet->index);
    emgo1_put_u32(head + 8, packet->t_us);
}
