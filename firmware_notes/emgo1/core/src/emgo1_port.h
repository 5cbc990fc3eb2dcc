/*
 * What differs from one machine to the next: sizes, and how two contexts share a number.
 *
 * One context produces (the converter's interrupt), one consumes (the main loop or a task). They share whole
 * 32-bit numbers and nothing else; each number has one writer. Both see all loads and stores below in one order, the
 * one in which they are written here, also on chips with two cores.
 */
#ifndef EMGO1_PORT_H
#define EMGO1_PORT_H

#include <stdint.h>

/** Most inputs of a board: 1 to 8. Fewer make the ring smaller. */
#ifndef EMGO1_CHANNELS
#define EMGO1_CHANNELS 8u
#endif

/** Frames that the ring holds, a power of two: how long the radio may stall before anything is lost. */
#ifndef EMGO1_RING_FRAMES
#define EMGO1_RING_FRAMES 256u
#endif

/** Frames of the ring that are kept free for what the interrupt brings between two looks of the main loop. */
#ifndef EMGO1_RING_RESERVE
#define EMGO1_RING_RESERVE 64u
#endif

/** Longest notification: an MTU of 247 less three bytes. */
#define EMGO1_PACKET_BYTES 244u

#ifndef EMGO1_LOAD
#if defined(__GNUC__)
#define EMGO1_LOAD(place) __atomic_load_n(place, __ATOMIC_SEQ_CST)
#define EMGO1_STORE(place, value) __atomic_store_n(place, value, __ATOMIC_SEQ_CST)
#else
#error "Define EMGO1_LOAD and EMGO1_STORE for this compiler: a load and a store of 32 bits in one order."
#endif
#endif

#if EMGO1_CHANNELS < 1 || EMGO1_CHANNELS > 8
#error "EMGO1_CHANNELS must be 1 to 8."
#endif
#if EMGO1_RING_FRAMES & (EMGO1_RING_FRAMES - 1) || EMGO1_RING_RESERVE >= EMGO1_RING_FRAMES
#error "EMGO1_RING_FRAMES must be a power of two and larger than EMGO1_RING_RESERVE."
#endif

#endif
