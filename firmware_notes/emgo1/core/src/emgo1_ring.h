/*
 * Frames between the converter's interrupt and the main loop: one producer, one consumer, no locks.
 */
#ifndef EMGO1_RING_H
#define EMGO1_RING_H

#include <stdint.h>

#include "emgo1_port.h"

#ifdef __cplusplus
extern "C" {
#endif

/** One conversion of all inputs: its number, the device clock at its first input, marks, and the counts. */
typedef struct {
    uint32_t index;
    uint32_t t_us;
    uint32_t marks;
    int32_t counts[EMGO1_CHANNELS];
} emgo1_frame;

/** The frames that wait. `head` belongs to the producer and `tail` to the consumer; both count on for ever. */
typedef struct {
    emgo1_frame frames[EMGO1_RING_FRAMES];
    uint32_t head;
    uint32_t tail;
} emgo1_ring;

/** Empty the ring, before either side uses it. */
void emgo1_ring_begin(emgo1_ring *ring);

/** Producer: return the frame to fill next, NULL when the ring is full. */
emgo1_frame *emgo1_ring_room(emgo1_ring *ring);

/** Producer: hand over the frame that emgo1_ring_room returned. */
void emgo1_ring_push(emgo1_ring *ring);

/** Consumer: return how many frames wait. */
uint32_t emgo1_ring_fill(const emgo1_ring *ring);

/** Consumer: return the oldest frame that waits, NULL when there is none. */
const emgo1_frame *emgo1_ring_front(const emgo1_ring *ring);

/** Consumer: let go of the frame that emgo1_ring_front returned. */
void emgo1_ring_pop(emgo1_ring *ring);

#ifdef __cplusplus
}
#endif
#endif
