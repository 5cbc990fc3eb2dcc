/*
 * An EMGO-1 sensor: conversions in, notifications out, commands obeyed.
 *
 * Two contexts use a device. The converter's interrupt calls the functions marked "producer"; one main loop or task
 * calls all others. Conversions are numbered from the start of the firmware on, whether anybody listens or not, and
 * a conversion that is lost keeps its number: the host sees each gap.
 *
 *     interrupt:  emgo1_take or emgo1_take_block
 *     main loop:  while ((bytes = emgo1_packet_ready(&device, &n)) && radio_takes(bytes, n)) emgo1_packet_taken(&device);
 *                 if (emgo1_tick(&device, now_us)) notify STATUS with emgo1_status
 *                 each write to CTRL: emgo1_command; to SYNC: emgo1_pong; each read of INFO: emgo1_info
 */
#ifndef EMGO1_DEVICE_H
#define EMGO1_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "emgo1_control.h"
#include "emgo1_packet.h"
#include "emgo1_ring.h"
#include "emgo1_sync.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What a board can do. All may be NULL: the commands that need them are then not supported. */
typedef struct {
    /** Stop the converter (no interrupt comes any more) or start it again. */
    void (*run)(void *board, bool on);
    /** Set the rate of the stopped converter; say what it really is, a fraction, 1 Hz to 100 kHz. False: it cannot. */
    bool (*set_rate)(void *board, uint16_t wanted_Hz, uint32_t *numerator_Hz, uint32_t *denominator);
    /** Ask the host for a connection interval, units of 1.25 ms. False: it cannot. */
    bool (*ask_interval)(void *board, uint16_t shortest, uint16_t longest);
    /** Set the pin of the sync pulse; return the device clock at the edge, µs. */
    uint32_t (*set_pulse)(void *board, bool high);
    void *board; /**< handed to all of them */
} emgo1_board;

/** What a device is told once. */
typedef struct {
    emgo1_about about;        /**< n_channels: the inputs of the board; the rate: what the converter runs at */
    uint8_t format;           /**< until SET names another */
    uint32_t first_index;     /**< of the first conversion; 0 on a board */
    uint16_t first_sequence;  /**< of the first packet; 0 on a board */
} emgo1_setup;

/** Its state. Nothing in it is for the outside; `frames_dropped` may be read. */
typedef struct {
    emgo1_ring ring;
    /* Written by the producer. */
    uint32_t begun_index;     /* next conversion, written first: differs from next_index while a frame is taken */
    uint32_t next_index;      /* next conversion, written last */
    uint32_t last_us;         /* device clock at the last conversion */
    uint32_t overruns;        /* conversions lost before the ring */
    uint32_t block_us;        /* device clock at the end of the last block */
    uint32_t blocks;          /* whether there was one since the converter was started */
    /* Written by the main loop, read by the producer. */
    uint32_t listening;
    uint32_t period_q8;       /* time between conversions, µs / 256; 0: the board has told no rate */
    /* The main loop's own. */
    emgo1_board board;
    emgo1_about about;
    emgo1_layout layout;
    emgo1_packet packet;
    emgo1_acks acks;
    uint32_t input_skew_ns;
    uint32_t first_input_us;  /* from the first input of a frame to the first that is sent */
    uint32_t first_index, start_index, stop_index, taken_index, sent_index, test_index;
    uint32_t tx_drops, frames_dropped;
    uint32_t pulse_index, pulse_us, pulse_length_us, status_us;
    uint16_t room, interval, sequence, packet_sequence, high_water;
    int16_t temperature_centi_C;
    uint8_t stream, per_packet;
    bool begun, ready, test_on, test_before, test_settled, pulsing, pulse_unmarked;
} emgo1_device;

/** Begin, before the converter is started. */
void emgo1_begin(emgo1_device *device, const emgo1_setup *setup, const emgo1_board *board);

/** Producer: take one conversion of all inputs. `marks` is 0, EMGO1_LEAD_OFF, EMGO1_SYNC_EDGE or both. */
void emgo1_take(emgo1_device *device, const int32_t *counts, uint32_t marks, uint32_t t_us);

/** Producer: count conversions that the converter's driver says it has lost. */
void emgo1_lose(emgo1_device *device, uint32_t n_conversions);

/**
 * Producer: take a block of conversions, input after input, the last of which was at `last_us`.
 *
 * All blocks have the same length (below 16 s). Where the clock says that whole blocks are missing since the last
 * one, they are counted as lost: drivers that overwrite a buffer do not tell.
 */
void emgo1_take_block(emgo1_device *device, const int16_t *counts, uint16_t n_frames, uint32_t last_us);

/** A host has connected. `interval` is the connection interval, units of 1.25 ms. */
void emgo1_connected(emgo1_device *device, uint16_t mtu, uint16_t interval);

/** MTU or connection interval of the link have changed. */
void emgo1_link_changed(emgo1_device *device, uint16_t mtu, uint16_t interval);

/** The host is gone: stream and square wave end, what was not sent is dropped. */
void emgo1_disconnected(emgo1_device *device);

/** Obey what was written to CTRL, now; fill in the answer to indicate. */
void emgo1_command(emgo1_device *device, const uint8_t *bytes, uint16_t n_bytes, uint32_t now_us,
                   uint8_t reply[EMGO1_REPLY_BYTES]);

/**
 * Return the next notification of DATA and its length, NULL when there is none yet. It stays the same until
 * emgo1_packet_taken, or until the ring fills up and the packet has to give way. Call it in every turn of the loop.
 */
const uint8_t *emgo1_packet_ready(emgo1_device *device, uint16_t *n_bytes);

/** The radio has taken that notification. */
void emgo1_packet_taken(emgo1_device *device);

/** The radio has seen the `n_packets` oldest notifications acknowledged at `t_us`; only where a radio tells. */
void emgo1_acknowledged(emgo1_device *device, uint8_t n_packets, uint32_t t_us);

/** Note the temperature, units of 0.01 °C. */
void emgo1_set_temperature(emgo1_device *device, int16_t centi_C);

/** End a pulse that is due, forget what is old; for every turn of the loop. True once a second: STATUS is due. */
bool emgo1_tick(emgo1_device *device, uint32_t now_us);

/** Fill in what INFO holds. */
void emgo1_info(const emgo1_device *device, uint8_t info[EMGO1_INFO_BYTES]);

/** Fill in STATUS, and begin to look for the highest queue again. */
void emgo1_status(emgo1_device *device, uint8_t status[EMGO1_STATUS_BYTES]);

#ifdef __cplusplus
}
#endif
#endif
