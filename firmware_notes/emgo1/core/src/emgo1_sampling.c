/* The producer's side of a device: what runs in the converter's interrupt. */
#include "emgo1_device.h"

/*
 * Between its two counters the producer writes what belongs to one conversion, so that the main loop can tell whether
 * it has read a pair that belongs together (next_conversion in emgo1_commands.c).
 */
static void number(emgo1_device *device, uint32_t n_conversions, uint32_t last_us)
{
    EMGO1_STORE(&device->last_us, last_us);
    EMGO1_STORE(&device->next_index, device->next_index + n_conversions);
}

void emgo1_take(emgo1_device *device, const int32_t *counts, uint32_t marks, uint32_t t_us)
{
    EMGO1_STORE(&device->begun_index, device->next_index + 1);
    if (EMGO1_LOAD(&device->listening)) {
        emgo1_frame *frame = emgo1_ring_room(&device->ring);
        if (frame) {
            uint32_t n = device->layout.n_inputs;
            uint32_t i;
            frame->index = device->next_index;
            frame->t_us = t_us;
            frame->marks = marks;
            for (i = 0; i < n; i++) {
                frame->counts[i] = counts[i];
            }
            emgo1_ring_push(&device->ring);
        } else {
            EMGO1_STORE(&device->overruns, device->overruns + 1);
        }
    }
    number(device, 1, t_us);
}

void emgo1_lose(emgo1_device *device, uint32_t n_conversions)
{
    uint32_t last_us = device->last_us + (uint32_t)((uint64_t)n_conversions * device->period_q8 >> 8);
    EMGO1_STORE(&device->begun_index, device->next_index + n_conversions);
    EMGO1_STORE(&device->overruns, device->overruns + n_conversions);
    number(device, n_conversions, last_us);
}

void emgo1_take_block(emgo1_device *device, const int16_t *counts, uint16_t n_frames, uint32_t last_us)
{
    uint32_t period_q8 = EMGO1_LOAD(&device->period_q8);
    uint32_t lasts_us = n_frames * period_q8 >> 8;
    uint32_t n_inputs = device->layout.n_inputs;
    uint32_t left;

    if (lasts_us == 0) {
        return;
    }
    if (EMGO1_LOAD(&device->blocks)) {
        /* Half a block of slack either way: an interrupt may be late, a buffer is lost whole. */
        uint32_t passed = (last_us - device->block_us + lasts_us / 2) / lasts_us;
        if (passed > 1) {
            emgo1_lose(device, (passed - 1) * n_frames);
        }
    }
    device->block_us = last_us;
    EMGO1_STORE(&device->blocks, 1);
    for (left = n_frames; left-- > 0; counts += n_inputs) {
        int32_t wide[EMGO1_CHANNELS];
        uint32_t i;
        for (i = 0; i < n_inputs; i++) {
            wide[i] = counts[i];
        }
        emgo1_take(device, wide, 0, last_us - ((left * period_q8 + 128) >> 8));
    }
}
