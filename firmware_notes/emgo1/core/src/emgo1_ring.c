#include "emgo1_ring.h"

#include <stddef.h>

void emgo1_ring_begin(emgo1_ring *ring)
{
    ring->head = 0;
    ring->tail = 0;
}

emgo1_frame *emgo1_ring_room(emgo1_ring *ring)
{
    if (ring->head - EMGO1_LOAD(&ring->tail) == EMGO1_RING_FRAMES) {
        return NULL;
    }
    return &ring->frames[ring->head % EMGO1_RING_FRAMES];
}

void emgo1_ring_push(emgo1_ring *ring)
{
    EMGO1_STORE(&ring->head, ring->head + 1);
}

uint32_t emgo1_ring_fill(const emgo1_ring *ring)
{
    return EMGO1_LOAD(&ring->head) - ring->tail;
}

const emgo1_frame *emgo1_ring_front(const emgo1_ring *ring)
{
    return emgo1_ring_fill(ring) ? &ring->frames[ring->tail % EMGO1_RING_FRAMES] : NULL;
}

void emgo1_ring_pop(emgo1_ring *ring)
{
    EMGO1_STORE(&ring->tail, ring->tail + 1);
}
