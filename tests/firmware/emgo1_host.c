/*
 * The core of EMGO-1 as a program: requests on standard input, answers on standard output.
 *
 * A request is u8 operation, u32 length, bytes; an answer u32 length, bytes; all little-endian as the machine is.
 * "threads N" as arguments: N conversions by one thread, their packets by another.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emgo1_bytes.h"
#include "emgo1_device.h"

enum { LONGEST_REQUEST = 1 << 20, CAN_SET_RATE = 1, CAN_ASK_INTERVAL = 2, CAN_PULSE = 4, TIMER_HZ = 16000000 };

static emgo1_device device;
static uint8_t request[LONGEST_REQUEST];
static uint8_t answer[LONGEST_REQUEST];
static uint32_t answered;
static uint32_t now_us;
static uint32_t asked, running = 1, pin, n_edges;
static uint32_t told_numerator, told_denominator; /* a rate that the board tells whatever it was asked for */
static bool tells_a_rate_of_its_own;
static uint32_t until_interrupt; /* accesses to shared numbers; 0: none comes */
static uint32_t until_stop;      /* the same, until the main loop of another processor stops the stream */
static uint8_t stop_reply[EMGO1_REPLY_BYTES];

static uint32_t u32_at(const uint8_t *bytes)
{
    return (uint32_t)emgo1_get_u16(bytes) | (uint32_t)emgo1_get_u16(bytes + 2) << 16;
}

static float f32_at(const uint8_t *bytes)
{
    float value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

static void packets(uint16_t taken);

/* The converter's interrupt, once, amid whatever the main loop does: a ramp, one conversion a millisecond. */
void host_interrupt(void)
{
    if (until_interrupt != 0 && --until_interrupt == 0) {
        int32_t counts[EMGO1_CHANNELS], i;
        for (i = 0; i < (int32_t)EMGO1_CHANNELS; i++) {
            counts[i] = (i % 2 ? -1 - i : 1 + i) * (int32_t)(device.next_index % 1000);
        }
        emgo1_take(&device, counts, 0, device.next_index * 1000);
    }
    if (until_stop != 0 && --until_stop == 0) {
        static const uint8_t stop = EMGO1_STOP;
        packets(UINT16_MAX);
        emgo1_command(&device, &stop, 1, device.last_us, stop_reply);
        packets(UINT16_MAX);
    }
}

static void run(void *board, bool on)
{
    (void)board;
    running = on;
}

/* A timer that counts whole ticks, as boards have it. */
static bool set_rate(void *board, uint16_t wanted_Hz, uint32_t *numerator_Hz, uint32_t *denominator)
{
    (void)board;
    if (tells_a_rate_of_its_own) {
        *numerator_Hz = told_numerator;
        *denominator = told_denominator;
        return !running;
    }
    *numerator_Hz = TIMER_HZ;
    *denominator = (TIMER_HZ + wanted_Hz / 2) / wanted_Hz;
    return !running && wanted_Hz <= 20000;
}

static bool ask_interval(void *board, uint16_t shortest, uint16_t longest)
{
    (void)board;
    asked = (uint32_t)shortest << 16 | longest;
    return true;
}

static uint32_t set_pulse(void *board, bool high)
{
    (void)board;
    pin = high;
    n_edges++;
    return now_us;
}

static void begin(const uint8_t *r)
{
    emgo1_setup setup;
    emgo1_board board;
    uint8_t can = r[4];
    memset(&board, 0, sizeof board);
    board.run = can & CAN_SET_RATE ? run : NULL;
    board.set_rate = can & CAN_SET_RATE ? set_rate : NULL;
    board.ask_interval = can & CAN_ASK_INTERVAL ? ask_interval : NULL;
    board.set_pulse = can & CAN_PULSE ? set_pulse : NULL;
    memset(&setup, 0, sizeof setup);
    setup.about.n_channels = r[0];
    setup.about.bits = r[1];
    setup.about.formats = r[2];
    setup.format = r[3];
    setup.first_sequence = emgo1_get_u16(r + 5);
    setup.first_index = u32_at(r + 7);
    setup.about.boot_id = u32_at(r + 11);
    setup.about.rate_numerator = u32_at(r + 15);
    setup.about.rate_denominator = u32_at(r + 19);
    setup.about.uV_per_count = f32_at(r + 23);
    setup.about.band_low_Hz = f32_at(r + 27);
    setup.about.band_high_Hz = f32_at(r + 31);
    setup.about.group_delay_us = u32_at(r + 35);
    setup.about.channel_skew_ns = u32_at(r + 39);
    emgo1_begin(&device, &setup, &board);
}

static void take(const uint8_t *r, uint32_t n_bytes)
{
    uint32_t n_inputs = device.layout.n_inputs;
    uint32_t each = 8 + 4 * n_inputs;
    const uint8_t *end = r + n_bytes;
    for (; r + each <= end; r += each) {
        int32_t counts[EMGO1_CHANNELS];
        memcpy(counts, r + 8, 4 * n_inputs);
        emgo1_take(&device, counts, u32_at(r + 4), u32_at(r));
    }
}

static void take_block(const uint8_t *r, uint32_t n_bytes)
{
    static int16_t counts[LONGEST_REQUEST / 2];
    memcpy(counts, r + 4, n_bytes - 4);
    emgo1_take_block(&device, counts, (uint16_t)((n_bytes - 4) / 2 / device.layout.n_inputs), u32_at(r));
}

/* A main loop whose radio takes so many packets and refuses the next. */
static void packets(uint16_t taken)
{
    const uint8_t *bytes;
    uint16_t n_bytes;
    while ((bytes = emgo1_packet_ready(&device, &n_bytes)) != NULL && taken-- > 0) {
        emgo1_put_u16(answer + answered, n_bytes);
        memcpy(answer + answered + 2, bytes, n_bytes);
        answered += 2u + n_bytes;
        emgo1_packet_taken(&device);
    }
}

static void counters(void)
{
    uint32_t values[7];
    values[0] = device.frames_dropped;
    values[1] = EMGO1_LOAD(&device.next_index);
    values[2] = EMGO1_LOAD(&device.overruns);
    values[3] = device.tx_drops;
    values[4] = asked;
    values[5] = pin;
    values[6] = n_edges;
    memcpy(answer, values, sizeof values);
    answered = sizeof values;
}

static int obey(uint8_t operation, const uint8_t *r, uint32_t n_bytes)
{
    answered = 0;
    switch (operation) {
    case 'B':
        begin(r);
        break;
    case 'T':
        take(r, n_bytes);
        break;
    case 'K':
        take_block(r, n_bytes);
        break;
    case 'L':
        emgo1_lose(&device, u32_at(r));
        break;
    case 'C':
        now_us = u32_at(r);
        emgo1_command(&device, r + 4, (uint16_t)(n_bytes - 4), now_us, answer);
        answered = EMGO1_REPLY_BYTES;
        break;
    case 'Y':
        answered = emgo1_pong(r + 8, (uint16_t)(n_bytes - 8), u32_at(r), u32_at(r + 4), answer);
        break;
    case 'P':
        packets(emgo1_get_u16(r));
        break;
    case 'A':
        emgo1_acknowledged(&device, r[0], u32_at(r + 1));
        break;
    case 'O':
        emgo1_connected(&device, emgo1_get_u16(r), emgo1_get_u16(r + 2));
        break;
    case 'M':
        emgo1_link_changed(&device, emgo1_get_u16(r), emgo1_get_u16(r + 2));
        break;
    case 'D':
        emgo1_disconnected(&device);
        break;
    case 'I':
        emgo1_info(&device, answer);
        answered = EMGO1_INFO_BYTES;
        break;
    case 'S':
        emgo1_status(&device, answer);
        answered = EMGO1_STATUS_BYTES;
        break;
    case 'W':
        now_us = u32_at(r);
        answer[0] = emgo1_tick(&device, now_us);
        answered = 1;
        break;
    case 'E':
        emgo1_set_temperature(&device, (int16_t)emgo1_get_u16(r));
        break;
    case 'R':
        tells_a_rate_of_its_own = true;
        told_numerator = u32_at(r);
        told_denominator = u32_at(r + 4);
        break;
    case 'Z':
        until_interrupt = u32_at(r);
        break;
    case 'V': /* conversions, amid the n-th access of which another processor sends and stops; answers what it got */
        until_stop = u32_at(r);
        take(r + 4, n_bytes - 4);
        memcpy(answer + answered, stop_reply, sizeof stop_reply);
        answered += (uint32_t)sizeof stop_reply;
        break;
    case 'X':
        counters();
        break;
    default:
        return 0;
    }
    return 1;
}

static uint32_t n_conversions;

static void *produce(void *unused)
{
    uint32_t i;
    (void)unused;
    for (i = 0; i < n_conversions; i++) {
        int32_t counts[2];
        counts[0] = (int32_t)(i % 30000);
        counts[1] = -counts[0];
        emgo1_take(&device, counts, 0, i * 1000);
        if (i % 64 == 63) { /* a converter waits, too: now and then for the other side, now and then it does not */
            uint32_t spins = i % 4096 < 2048 ? 20000 : 0;
            while (spins-- && emgo1_ring_room(&device.ring) == NULL) {
            }
        }
    }
    return NULL;
}

/* Whether a full packet of 2 x i16 holds what produce() has made; returns its frames. */
static uint32_t check(const uint8_t *bytes, uint16_t n_bytes, uint32_t *wrong)
{
    uint32_t index = u32_at(bytes + 4), n = (n_bytes - 12u) / 4, i;
    *wrong += u32_at(bytes + 8) != index * 1000;
    for (i = 0; i < n; i++) {
        uint32_t count = (index + i) % 30000;
        *wrong += emgo1_get_u16(bytes + 12 + 4 * i) != count;
        *wrong += emgo1_get_u16(bytes + 14 + 4 * i) != ((0u - count) & 0xFFFF);
    }
    return n;
}

/* Send what there is, at most so many packets; count frames, wrong ones, and those outside of [first, end). */
static uint32_t drain(uint32_t most, uint32_t first, uint32_t end, uint32_t *wrong)
{
    const uint8_t *bytes;
    uint16_t n_bytes;
    uint32_t frames = 0;
    while (most-- && (bytes = emgo1_packet_ready(&device, &n_bytes)) != NULL) {
        uint32_t n = check(bytes, n_bytes, wrong), index = u32_at(bytes + 4);
        *wrong += index < first || index + n > end;
        frames += n;
        emgo1_packet_taken(&device);
    }
    return frames;
}

/* Start and stop the stream over and over while the other thread converts. */
static int threads(void)
{
    static const uint8_t start = EMGO1_START, stop = EMGO1_STOP;
    emgo1_setup setup;
    emgo1_board board;
    pthread_t thread;
    uint8_t reply[EMGO1_REPLY_BYTES];
    uint32_t asked_for = 0, frames = 0, wrong = 0, streams = 0;

    memset(&board, 0, sizeof board);
    memset(&setup, 0, sizeof setup);
    setup.about.n_channels = 2;
    setup.about.bits = 16;
    setup.about.formats = 1;
    setup.about.rate_numerator = 1000;
    setup.about.rate_denominator = 1;
    emgo1_begin(&device, &setup, &board);
    emgo1_connected(&device, 247, 12);
    if (pthread_create(&thread, NULL, produce, NULL) != 0) {
        return 1;
    }
    while (EMGO1_LOAD(&device.next_index) != n_conversions) {
        uint32_t first, end, turns;
        emgo1_command(&device, &start, 1, 0, reply);
        first = u32_at(reply + 6);
        for (turns = 0; turns < 200; turns++) {
            frames += drain(3, first, UINT32_MAX, &wrong);
        }
        emgo1_command(&device, &stop, 1, 0, reply);
        end = u32_at(reply + 6);
        frames += drain(UINT32_MAX, first, end, &wrong);
        asked_for += end > first ? end - first : 0; /* the first is one later than the next: maybe it never came */
        streams++;
    }
    pthread_join(thread, NULL);
    printf("%" PRIu32 " %" PRIu32 " %" PRIu32 " %" PRIu32 " %" PRIu32 " %" PRIu32 "\n", asked_for, frames,
           device.overruns, device.frames_dropped, wrong, streams);
    return 0;
}

int main(int argc, char **argv)
{
    uint8_t head[5];
    if (argc == 3 && strcmp(argv[1], "threads") == 0) {
        n_conversions = (uint32_t)strtoul(argv[2], NULL, 10);
        return threads();
    }
    while (fread(head, 1, sizeof head, stdin) == sizeof head) {
        uint32_t n_bytes = u32_at(head + 1);
        if (n_bytes > LONGEST_REQUEST || fread(request, 1, n_bytes, stdin) != n_bytes ||
            !obey(head[0], request, n_bytes)) {
            return 1;
        }
        if (fwrite(&answered, 4, 1, stdout) != 1 || fwrite(answer, 1, answered, stdout) != answered ||
            fflush(stdout) != 0) {
            return 1;
        }
    }
    return 0;
}
