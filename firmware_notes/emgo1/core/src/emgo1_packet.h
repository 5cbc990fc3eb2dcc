/*
 * Bytes of a DATA notification, filled frame by frame.
 *
 * A packet holds frames whose indices follow one another. Samples are written behind room for the longest head; the
 * head is put right before them when the packet is closed, so that what it tells (an acknowledgement, a gap) can be
 * the newest there is.
 */
#ifndef EMGO1_PACKET_H
#define EMGO1_PACKET_H

#include <stdbool.h>
#include <stdint.h>

#include "emgo1_port.h"
#include "emgo1_ring.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Formats of samples, as SET names them. */
enum { EMGO1_I16 = 0, EMGO1_I12 = 1, EMGO1_I24 = 2, EMGO1_COMPACT = 3 };

/** Marks of a frame or packet: bits of the first byte. */
enum { EMGO1_GAP = 1 << 5, EMGO1_LEAD_OFF = 1 << 6, EMGO1_SYNC_EDGE = 1 << 7 };

enum {
    EMGO1_FRAMES = 23,        /**< of a full packet: its period shares no factor with usual connection intervals */
    EMGO1_COMPACT_FRAMES = 9, /**< of a compact packet, which has exactly 20 bytes */
    EMGO1_HEAD_BYTES = 12,
    EMGO1_ACK_BYTES = 4,
    EMGO1_COMPACT_HEAD_BYTES = 6,
    EMGO1_COMPACT_BYTES = 20
};

/** What a packet's samples look like. */
typedef struct {
    uint8_t mask;      /**< inputs that are sent, bit 0 the first */
    uint8_t n_inputs;  /**< inputs of a frame */
    uint8_t format;    /**< EMGO1_I16 ... EMGO1_COMPACT */
    uint8_t bits;      /**< of the converter: counts at either end of its range are marked */
} emgo1_layout;

/** An acknowledgement: packet `sequence - back` was received `age_us` before the first frame. */
typedef struct {
    uint8_t back;
    uint32_t age_us;
} emgo1_ack;

/** A packet while it is filled, and until the radio has taken it. */
typedef struct {
    uint8_t bytes[EMGO1_PACKET_BYTES + EMGO1_ACK_BYTES];
    uint8_t start;     /**< where its bytes begin, once it is closed */
    uint8_t half;      /**< whether 4 bits of the last byte are still free (12-bit formats) */
    uint8_t n_frames;
    uint8_t marks;
    uint16_t end;      /**< behind its last byte */
    uint32_t index;    /**< of the first frame */
    uint32_t t_us;     /**< device clock at the first frame */
} emgo1_packet;

/** Return how many inputs a mask names. */
uint8_t emgo1_n_channels(uint8_t mask);

/** Return how many frames a packet of at most `room` bytes carries: 0 when not even one fits. */
uint8_t emgo1_packet_frames(const emgo1_layout *layout, uint16_t room);

/** Begin an empty packet whose first frame has this index and time. */
void emgo1_packet_begin(emgo1_packet *packet, uint32_t index, uint32_t t_us);

/** Add a frame; counts that the format cannot hold are limited, and marked like those at the ends of the converter. */
void emgo1_packet_add(emgo1_packet *packet, const emgo1_layout *layout, const emgo1_frame *frame);

/**
 * Write the head. `ack` may be NULL; it is left out where it would make the packet longer than `room`, and of
 * compact packets, which cannot carry it.
 */
void emgo1_packet_close(emgo1_packet *packet, const emgo1_layout *layout, uint16_t sequence, bool gap,
                        const emgo1_ack *ack, uint16_t room);

#ifdef __cplusplus
}
#endif
#endif
