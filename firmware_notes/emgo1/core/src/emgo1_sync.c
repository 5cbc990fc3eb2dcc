#include "emgo1_sync.h"

#include <string.h>

#include "emgo1_bytes.h"

enum { PING = 1, LONGEST_AGE_US = (1 << 24) - 1, FARTHEST_BACK = 255 };
enum { OLD_US = 1 << 30 }; /* a quarter of the clock's range: further back than a packet waits for its last frame */

uint8_t emgo1_pong(const uint8_t *request, uint16_t n_bytes, uint32_t received_us, uint32_t sent_us, uint8_t *reply)
{
    if (n_bytes != EMGO1_PING_BYTES || request[0] != PING) {
        return 0;
    }
    reply[0] = PING;
    reply[1] = request[1];
    emgo1_put_u16(reply + 2, 0);
    emgo1_put_u32(reply + 4, received_us);
    emgo1_put_u32(reply + 8, sent_us);
    return EMGO1_PONG_BYTES;
}

void emgo1_acks_begin(emgo1_acks *acks)
{
    memset(acks, 0, sizeof *acks);
}

void emgo1_acks_sent(emgo1_acks *acks, uint16_t sequence)
{
    if (acks->waiting == EMGO1_ON_THE_AIR) {
        acks->lost_track = true;
        return;
    }
    acks->on_the_air[(acks->first + acks->waiting) % EMGO1_ON_THE_AIR] = sequence;
    acks->waiting++;
}

void emgo1_acks_came(emgo1_acks *acks, uint8_t n_packets, uint32_t t_us)
{
    if (n_packets > acks->waiting) {
        acks->lost_track = true; /* which packets it means from now on cannot be known */
    }
    if (acks->lost_track || n_packets == 0) {
        return;
    }
    acks->first = (uint8_t)((acks->first + n_packets) % EMGO1_ON_THE_AIR);
    acks->waiting = (uint8_t)(acks->waiting - n_packets);
    acks->newest = (uint8_t)((acks->newest + 1) % EMGO1_ACKS);
    acks->acks[acks->newest].sequence = acks->on_the_air[(acks->first + EMGO1_ON_THE_AIR - 1) % EMGO1_ON_THE_AIR];
    acks->acks[acks->newest].t_us = t_us;
    if (acks->known < EMGO1_ACKS) {
        acks->known++;
    }
}

void emgo1_acks_forget(emgo1_acks *acks, uint32_t now_us)
{
    while (acks->known) {
        uint8_t oldest = (uint8_t)((acks->newest + 1 + EMGO1_ACKS - acks->known) % EMGO1_ACKS);
        uint32_t age_us = now_us - acks->acks[oldest].t_us;
        if (age_us < OLD_US || age_us > UINT32_MAX - OLD_US) { /* the latter came after `now_us` had been read */
            return;
        }
        acks->known--;
    }
}

bool emgo1_acks_find(const emgo1_acks *acks, uint16_t sequence, uint32_t t_us, emgo1_ack *found)
{
    uint8_t i;
    for (i = 0; i < acks->known; i++) {
        uint8_t at = (uint8_t)((acks->newest + EMGO1_ACKS - i) % EMGO1_ACKS);
        uint32_t age_us = t_us - acks->acks[at].t_us; /* huge when it came after the first frame */
        uint16_t back = (uint16_t)(sequence - acks->acks[at].sequence);
        if (age_us <= LONGEST_AGE_US && back <= FARTHEST_BACK) {
            found->age_us = age_us;
            found->back = (uint8_t)back;
            return true;
        }
    }
    return false;
}
