/* What the parts of a device share; not for the outside. */
#ifndef EMGO1_INSIDE_H
#define EMGO1_INSIDE_H

#include "emgo1_device.h"

/** States of a stream. */
enum { EMGO1_IDLE = 0, EMGO1_STREAMING = 1, EMGO1_STOPPING = 2 };

/** Whether a lies before b on the circle of 32 bits. */
static inline bool emgo1_before(uint32_t a, uint32_t b)
{
    return a - b > UINT32_MAX / 2;
}

/** Choose the inputs to send and their format, both checked. */
void emgo1_choose(emgo1_device *device, uint8_t mask, uint8_t format);

/** Adopt what the converter runs at from now on; it is stopped. False: that is no rate, and nothing was changed. */
bool emgo1_adopt_rate(emgo1_device *device, uint32_t numerator_Hz, uint32_t denominator);

/** Fit the packet in the making, and the one that waits, to what the link carries now. */
void emgo1_refit(emgo1_device *device);

/** End the stream at once; what was not sent yet is dropped and counted. */
void emgo1_end_stream(emgo1_device *device);

#endif
