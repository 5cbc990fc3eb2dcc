/*
 * What ties the device clock to the host's: answers to pings, and when the radio's packets were acknowledged.
 */
#ifndef EMGO1_SYNC_H
#define EMGO1_SYNC_H

#include <stdbool.h>
#include <stdint.h>

#include "emgo1_packet.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { EMGO1_PING_BYTES = 8, EMGO1_PONG_BYTES = 12, EMGO1_ON_THE_AIR = 32, EMGO1_ACKS = 8 };

/** Packets on the air, oldest first, and the last acknowledgements. */
typedef struct {
    uint16_t on_the_air[EMGO1_ON_THE_AIR]; /**< sequence numbers */
    uint8_t first, waiting;
    uint8_t newest, known;                 /**< of the acknowledgements */
    bool lost_track;                       /**< what the radio reports, if it does, is not what was sent */
    struct {
        uint16_t sequence;
        uint32_t t_us;
    } acks[EMGO1_ACKS];
} emgo1_acks;

/**
 * Answer a ping. `received_us` is to be taken first thing when it comes, `sent_us` last thing before the answer
 * leaves. Returns EMGO1_PONG_BYTES, or 0 when `request` is no ping.
 */
uint8_t emgo1_pong(const uint8_t *request, uint16_t n_bytes, uint32_t received_us, uint32_t sent_us, uint8_t *reply);

/** Forget everything: a new link. */
void emgo1_acks_begin(emgo1_acks *acks);

/** Note that the radio has taken a packet. */
void emgo1_acks_sent(emgo1_acks *acks, uint16_t sequence);

/**
 * Note that the radio has seen the `n_packets` oldest packets acknowledged at `t_us`. Where it tells of more than were
 * sent, or of none while more are sent than a radio can hold, nothing that it tells is believed until the next link.
 */
void emgo1_acks_came(emgo1_acks *acks, uint8_t n_packets, uint32_t t_us);

/** Forget acknowledgements before their times, which wrap, look new again; to be called every few minutes at least. */
void emgo1_acks_forget(emgo1_acks *acks, uint32_t now_us);

/** Find the newest acknowledgement that the packet `sequence`, whose first frame is at `t_us`, can tell of. */
bool emgo1_acks_find(const emgo1_acks *acks, uint16_t sequence, uint32_t t_us, emgo1_ack *found);

#ifdef __cplusplus
}
#endif
#endif
