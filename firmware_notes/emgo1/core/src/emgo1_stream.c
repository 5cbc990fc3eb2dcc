/* The stream of a device: frames out of the ring, into packets, to the radio. */
#include <stddef.h>

#include "emgo1_inside.h"

enum { TEST_HALF_PERIOD = 128 };

void emgo1_end_stream(emgo1_device *device)
{
    const emgo1_frame *frame;
    EMGO1_STORE(&device->listening, 0);
    if (device->ready) {
        device->tx_drops++;
    }
    device->frames_dropped += device->packet.n_frames;
    while ((frame = emgo1_ring_front(&device->ring)) != NULL) {
        bool wanted = device->stream == EMGO1_STREAMING ||
                      (device->stream == EMGO1_STOPPING && emgo1_before(frame->index, device->stop_index));
        if (wanted && (device->begun || !emgo1_before(frame->index, device->start_index))) {
            device->frames_dropped++;
        }
        emgo1_ring_pop(&device->ring);
    }
    device->packet.n_frames = 0;
    device->ready = device->pulse_unmarked = false;
    device->test_settled = true; /* no frame from before a change waits any more */
    device->stream = EMGO1_IDLE;
}

static void drop_packet(emgo1_device *device)
{
    device->tx_drops++;
    device->frames_dropped += device->packet.n_frames;
    device->packet.n_frames = 0;
    device->ready = false;
}

static void close_packet(emgo1_device *device)
{
    emgo1_packet *packet = &device->packet;
    emgo1_ack ack;
    bool acknowledged;
    if (device->layout.format == EMGO1_COMPACT && packet->n_frames < EMGO1_COMPACT_FRAMES) {
        device->frames_dropped += packet->n_frames; /* a compact packet is whole or is not */
        packet->n_frames = 0;
        return;
    }
    if (device->pulse_unmarked && emgo1_before(device->pulse_index, packet->index + packet->n_frames)) {
        if (!emgo1_before(device->pulse_index, packet->index)) {
            packet->marks |= EMGO1_SYNC_EDGE;
        }
        device->pulse_unmarked = false; /* or its frame was lost */
    }
    acknowledged = emgo1_acks_find(&device->acks, device->sequence, packet->t_us, &ack);
    emgo1_packet_close(packet, &device->layout, device->sequence, packet->index != device->sent_index,
                       acknowledged ? &ack : NULL, device->room);
    device->packet_sequence = device->sequence++;
    device->ready = true;
}

void emgo1_refit(emgo1_device *device)
{
    emgo1_packet *packet = &device->packet;
    device->per_packet = emgo1_packet_frames(&device->layout, device->room);
    if (device->ready) {
        if (packet->end - packet->start > device->room) {
            drop_packet(device);
        }
    } else if (packet->n_frames > device->per_packet) {
        device->frames_dropped += packet->n_frames; /* it has no number yet */
        packet->n_frames = 0;
    } else if (packet->n_frames && packet->n_frames == device->per_packet) {
        close_packet(device);
    }
}

/* Put the square wave in place of the inputs where it is on: it changes sign every 128 conversions. */
static const emgo1_frame *tested(emgo1_device *device, const emgo1_frame *frame, emgo1_frame *wave)
{
    uint8_t bits = device->layout.bits;
    uint32_t i;
    if (!device->test_settled && !emgo1_before(frame->index, device->test_index)) {
        device->test_settled = true;
    }
    if (!(device->test_settled ? device->test_on : device->test_before)) {
        return frame;
    }
    if (device->layout.format != EMGO1_I24 && bits > 16) {
        bits = 16;
    }
    if ((device->layout.format == EMGO1_I12 || device->layout.format == EMGO1_COMPACT) && bits > 12) {
        bits = 12;
    }
    wave->index = frame->index;
    wave->t_us = frame->t_us;
    wave->marks = 0;
    for (i = 0; i < EMGO1_CHANNELS; i++) {
        wave->counts[i] = (frame->index & TEST_HALF_PERIOD ? -1 : 1) * (int32_t)(1UL << (bits - 2));
    }
    return wave;
}

/* Move frames from the ring into the packet until it is closed (true) or the ring is empty (false). */
static bool collect(emgo1_device *device)
{
    emgo1_packet *packet = &device->packet;
    const emgo1_frame *frame;
    emgo1_frame wave;
    while ((frame = emgo1_ring_front(&device->ring)) != NULL) {
        if (device->stream == EMGO1_IDLE || (!device->begun && emgo1_before(frame->index, device->start_index)) ||
            (device->stream == EMGO1_STOPPING && !emgo1_before(frame->index, device->stop_index))) {
            emgo1_ring_pop(&device->ring);
            continue;
        }
        device->begun = true;
        if (packet->n_frames && frame->index != packet->index + packet->n_frames) {
            close_packet(device);
            if (device->ready) {
                return true;
            }
        }
        if (device->per_packet == 0) {
            device->frames_dropped++;
            emgo1_ring_pop(&device->ring);
            continue;
        }
        if (packet->n_frames == 0) {
            emgo1_packet_begin(packet, frame->index, frame->t_us + device->first_input_us);
        }
        emgo1_packet_add(packet, &device->layout, tested(device, frame, &wave));
        device->taken_index = frame->index + 1;
        emgo1_ring_pop(&device->ring);
        if (packet->n_frames >= device->per_packet) {
            close_packet(device);
            return true;
        }
    }
    if (device->stream == EMGO1_STOPPING) {
        if (packet->n_frames) {
            close_packet(device);
        }
        if (device->ready) {
            return true;
        }
        device->stream = EMGO1_IDLE;
        device->pulse_unmarked = false;
    }
    return false;
}

static void note_queue(emgo1_device *device)
{
    uint32_t per_packet = device->per_packet ? device->per_packet : 1;
    uint32_t waiting = emgo1_ring_fill(&device->ring) / per_packet + device->ready;
    if (waiting > device->high_water) {
        device->high_water = (uint16_t)waiting;
    }
}

const uint8_t *emgo1_packet_ready(emgo1_device *device, uint16_t *n_bytes)
{
    /* What the radio has refused gives way when the ring fills up. */
    if (device->ready && emgo1_ring_fill(&device->ring) > EMGO1_RING_FRAMES - EMGO1_RING_RESERVE) {
        drop_packet(device);
    }
    note_queue(device);
    if (!device->ready && !collect(device)) {
        return NULL;
    }
    *n_bytes = (uint16_t)(device->packet.end - device->packet.start);
    return &device->packet.bytes[device->packet.start];
}

void emgo1_packet_taken(emgo1_device *device)
{
    if (!device->ready) {
        return;
    }
    emgo1_acks_sent(&device->acks, device->packet_sequence);
    device->sent_index = device->packet.index + device->packet.n_frames;
    device->packet.n_frames = 0;
    device->ready = false;
}
