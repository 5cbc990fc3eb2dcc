/* What a device does about each command, and from which conversion on. */
#include "emgo1_inside.h"

#include <stddef.h>

enum { SHORTEST_INTERVAL = 6, LONGEST_INTERVAL = 3200 }; /* units of 1.25 ms: 7.5 ms and 4 s */
enum { LONGEST_BLOCK_US = 250000 };                     /* by which what was seen last may lie back, or ahead */
enum { MOST_TRIES = 100 };

/* A conversion and its time. */
typedef struct {
    uint32_t index;
    uint32_t t_us;
} place;

static uint32_t periods_us(const emgo1_device *device, uint32_t n)
{
    return n * device->period_q8 >> 8;
}

/* Read which conversion comes next and when, as a pair that belongs together while the producer goes on. */
static place next_conversion(const emgo1_device *device, uint32_t now_us)
{
    place next;
    uint32_t last_us;
    uint32_t tries = MOST_TRIES; /* a producer that this call has interrupted would keep it waiting for ever */
    do {
        next.index = EMGO1_LOAD(&device->next_index);
        last_us = EMGO1_LOAD(&device->last_us);
    } while (EMGO1_LOAD(&device->begun_index) != next.index && --tries);
    next.t_us = last_us + periods_us(device, 1) + device->first_input_us;
    if (device->begun && device->stream != EMGO1_IDLE && emgo1_before(next.index, device->taken_index)) {
        next.t_us += periods_us(device, device->taken_index - next.index); /* its frame came before its number */
        next.index = device->taken_index;
    }
    /* Conversions that came after `now_us` had been read lie ahead of it. */
    if (next.index == device->first_index ||
        now_us - last_us + LONGEST_BLOCK_US > periods_us(device, 2) + 2 * LONGEST_BLOCK_US) {
        next.t_us = now_us; /* no conversion was seen yet, or the converter stands still */
    }
    return next;
}

static uint8_t start(emgo1_device *device, place *from)
{
    if (device->per_packet == 0 || device->period_q8 == 0) {
        return EMGO1_NOT_SUPPORTED; /* no frame fits the link, or the board has no rate: a larger MTU, or another SET */
    }
    if (device->stream == EMGO1_STREAMING) {
        return EMGO1_DONE;
    }
    emgo1_end_stream(device);
    EMGO1_STORE(&device->listening, 1);
    /* One conversion later than need be: the next one may be under way and have looked before we listened. */
    device->start_index = device->sent_index = EMGO1_LOAD(&device->next_index) + 1;
    from->t_us += periods_us(device, device->start_index - from->index);
    from->index = device->start_index;
    device->begun = false;
    device->stream = EMGO1_STREAMING;
    return EMGO1_DONE;
}

static uint8_t stop(emgo1_device *device, place *from)
{
    if (device->stream == EMGO1_STREAMING) {
        /* First the number, then the deaf ear: all before the number are in the ring, or counted. */
        device->stop_index = from->index;
        EMGO1_STORE(&device->listening, 0);
        device->stream = EMGO1_STOPPING;
    }
    return EMGO1_DONE;
}

/* Whether the inputs of a mask are the same number of inputs apart. */
static bool evenly_spaced(uint8_t mask)
{
    uint8_t step = 0, since = 0;
    bool seen = false;
    for (; mask; mask >>= 1, since++) {
        if (mask & 1) {
            if (seen && step && since != step) {
                return false;
            }
            step = seen ? since : 0;
            seen = true;
            since = 0;
        }
    }
    return true;
}

static uint8_t set_rate(emgo1_device *device, uint16_t wanted_Hz)
{
    const emgo1_board *board = &device->board;
    uint32_t numerator = 0, denominator = 0;
    bool done;
    if (device->about.rate_denominator == 1 && device->about.rate_numerator == wanted_Hz) {
        return EMGO1_DONE;
    }
    if (board->set_rate == NULL || board->run == NULL) {
        return EMGO1_NOT_SUPPORTED;
    }
    board->run(board->board, false);
    done = board->set_rate(board->board, wanted_Hz, &numerator, &denominator) &&
           emgo1_adopt_rate(device, numerator, denominator);
    device->blocks = 0; /* the converter stood still: nothing is missing before its next block */
    board->run(board->board, true);
    return done ? EMGO1_DONE : EMGO1_NOT_SUPPORTED;
}

static uint8_t set(emgo1_device *device, const uint16_t *arguments)
{
    uint8_t mask = (uint8_t)arguments[1], format = (uint8_t)arguments[2];
    uint8_t result;
    if (arguments[0] == 0 || mask == 0 || mask >> device->layout.n_inputs || format > EMGO1_COMPACT) {
        return EMGO1_BAD_ARGUMENT;
    }
    if (format == EMGO1_COMPACT && emgo1_n_channels(mask) != 1) {
        return EMGO1_BAD_ARGUMENT;
    }
    if (device->input_skew_ns && !evenly_spaced(mask)) {
        return EMGO1_BAD_ARGUMENT; /* INFO has one skew for all neighbours */
    }
    if (!(device->about.formats >> format & 1)) {
        return EMGO1_NOT_SUPPORTED;
    }
    if (device->stream != EMGO1_IDLE) {
        return EMGO1_BUSY;
    }
    result = set_rate(device, arguments[0]);
    if (result == EMGO1_DONE) {
        emgo1_choose(device, mask, format);
    }
    return result;
}

static uint8_t connection(emgo1_device *device, uint16_t shortest, uint16_t longest)
{
    if (shortest < SHORTEST_INTERVAL || longest < shortest || longest > LONGEST_INTERVAL) {
        return EMGO1_BAD_ARGUMENT;
    }
    if (device->board.ask_interval == NULL || !device->board.ask_interval(device->board.board, shortest, longest)) {
        return EMGO1_NOT_SUPPORTED;
    }
    return EMGO1_DONE;
}

static uint8_t test(emgo1_device *device, uint16_t on, const place *from)
{
    if (on > 1) {
        return EMGO1_BAD_ARGUMENT;
    }
    if (device->stream == EMGO1_IDLE) {
        device->test_settled = true;
    } else if (!device->test_settled) {
        return EMGO1_BUSY; /* frames from before the last change still wait */
    } else {
        device->test_before = device->test_on;
        device->test_index = from->index;
        device->test_settled = false;
    }
    device->test_on = on != 0;
    return EMGO1_DONE;
}

static uint8_t pulse(emgo1_device *device, uint16_t length_ms, place *from)
{
    if (length_ms == 0) {
        return EMGO1_BAD_ARGUMENT;
    }
    if (device->board.set_pulse == NULL || device->period_q8 == 0) {
        return EMGO1_NOT_SUPPORTED;
    }
    if (device->pulsing || device->pulse_unmarked) {
        return EMGO1_BUSY; /* the frame of the last one is not in a packet yet */
    }
    device->pulse_us = device->board.set_pulse(device->board.board, true);
    *from = next_conversion(device, device->pulse_us);
    if (!emgo1_before(device->pulse_us, from->t_us)) { /* conversions before the edge may not have been told yet */
        uint32_t since_q8 = (device->pulse_us - from->t_us) << 8;
        from->index += since_q8 / device->period_q8 + (since_q8 % device->period_q8 != 0);
    } else { /* or conversions after it have been */
        from->index -= ((from->t_us - device->pulse_us) << 8) / device->period_q8;
    }
    from->t_us = device->pulse_us;
    device->pulse_index = from->index;
    device->pulse_length_us = length_ms * 1000u;
    device->pulsing = true;
    device->pulse_unmarked = device->stream == EMGO1_STREAMING;
    return EMGO1_DONE;
}

void emgo1_command(emgo1_device *device, const uint8_t *bytes, uint16_t n_bytes, uint32_t now_us,
                   uint8_t reply[EMGO1_REPLY_BYTES])
{
    emgo1_request request;
    uint8_t result = emgo1_read_request(bytes, n_bytes, &request);
    place from = next_conversion(device, now_us);
    if (result == EMGO1_DONE) {
        switch (request.operation) {
        case EMGO1_START:
            result = start(device, &from);
            break;
        case EMGO1_STOP:
            result = stop(device, &from);
            break;
        case EMGO1_SET:
            result = set(device, request.arguments);
            from = next_conversion(device, now_us);
            break;
        case EMGO1_CONN:
            result = connection(device, request.arguments[0], request.arguments[1]);
            break;
        case EMGO1_TEST:
            result = test(device, request.arguments[0], &from);
            break;
        default:
            result = pulse(device, request.arguments[0], &from);
            break;
        }
    }
    emgo1_write_reply(reply, request.operation, result, device->about.boot_id, from.index, from.t_us);
}
