/* The main loop's side of a device: its beginning, its link, and what it tells of itself. */
#include "emgo1_device.h"

#include <string.h>

#include "emgo1_inside.h"

enum { SMALLEST_MTU = 23, MTU_OVERHEAD = 3, STATUS_EVERY_US = 1000000, FASTEST_HZ = 100000 };

static uint8_t within(uint8_t value, uint8_t low, uint8_t high)
{
    return value < low ? low : value > high ? high : value;
}

void emgo1_begin(emgo1_device *device, const emgo1_setup *setup, const emgo1_board *board)
{
    uint8_t n_inputs = within(setup->about.n_channels, 1, EMGO1_CHANNELS);
    memset(device, 0, sizeof *device);
    emgo1_ring_begin(&device->ring);
    emgo1_acks_begin(&device->acks);
    device->board = *board;
    device->about = setup->about;
    device->input_skew_ns = setup->about.channel_skew_ns;
    device->layout.n_inputs = n_inputs;
    device->layout.bits = device->about.bits = within(setup->about.bits, 2, 24);
    device->begun_index = device->next_index = device->first_index = setup->first_index;
    device->sequence = setup->first_sequence;
    device->room = SMALLEST_MTU - MTU_OVERHEAD;
    device->test_settled = true;
    emgo1_choose(device, setup->format == EMGO1_COMPACT ? 1 : (uint8_t)((1u << n_inputs) - 1), setup->format);
    (void)emgo1_adopt_rate(device, setup->about.rate_numerator, setup->about.rate_denominator); /* else START refuses */
}

void emgo1_choose(emgo1_device *device, uint8_t mask, uint8_t format)
{
    uint8_t first = 0, step = 1;
    while (!(mask >> first & 1)) {
        first++;
    }
    if (mask >> first > 1) {
        while (!(mask >> (first + step) & 1)) {
            step++;
        }
    }
    device->layout.mask = mask;
    device->layout.format = format;
    device->about.n_channels = emgo1_n_channels(mask);
    device->about.channel_skew_ns = device->input_skew_ns * step;
    device->first_input_us = (device->input_skew_ns * first + 500) / 1000;
    device->per_packet = emgo1_packet_frames(&device->layout, device->room);
}

bool emgo1_adopt_rate(emgo1_device *device, uint32_t numerator_Hz, uint32_t denominator)
{
    if (denominator == 0 || numerator_Hz < denominator || numerator_Hz > (uint64_t)FASTEST_HZ * denominator) {
        return false;
    }
    device->about.rate_numerator = numerator_Hz;
    device->about.rate_denominator = denominator;
    /* Once a command, not once a sample: 64 bits are affordable here. */
    device->period_q8 = (uint32_t)((256000000ULL * denominator + numerator_Hz / 2) / numerator_Hz);
    return true;
}

void emgo1_link_changed(emgo1_device *device, uint16_t mtu, uint16_t interval)
{
    uint16_t room = (uint16_t)((mtu > SMALLEST_MTU ? mtu : SMALLEST_MTU) - MTU_OVERHEAD);
    device->interval = interval;
    device->room = room < EMGO1_PACKET_BYTES ? room : (uint16_t)EMGO1_PACKET_BYTES;
    emgo1_refit(device);
}

void emgo1_connected(emgo1_device *device, uint16_t mtu, uint16_t interval)
{
    emgo1_end_stream(device);
    device->test_on = false; /* whoever comes next did not ask for it, and sees it in no packet */
    emgo1_acks_begin(&device->acks);
    emgo1_link_changed(device, mtu, interval);
}

void emgo1_disconnected(emgo1_device *device)
{
    emgo1_connected(device, SMALLEST_MTU, 0);
}

void emgo1_acknowledged(emgo1_device *device, uint8_t n_packets, uint32_t t_us)
{
    emgo1_acks_came(&device->acks, n_packets, t_us);
}

void emgo1_set_temperature(emgo1_device *device, int16_t centi_C)
{
    device->temperature_centi_C = centi_C;
}

bool emgo1_tick(emgo1_device *device, uint32_t now_us)
{
    if (device->pulsing && now_us - device->pulse_us >= device->pulse_length_us) {
        (void)device->board.set_pulse(device->board.board, false);
        device->pulsing = false;
    }
    if (now_us - device->status_us < STATUS_EVERY_US) {
        return false;
    }
    emgo1_acks_forget(&device->acks, now_us);
    device->status_us = now_us - device->status_us < 2 * STATUS_EVERY_US ? device->status_us + STATUS_EVERY_US : now_us;
    return true;
}

void emgo1_info(const emgo1_device *device, uint8_t info[EMGO1_INFO_BYTES])
{
    emgo1_write_info(info, &device->about);
}

void emgo1_status(emgo1_device *device, uint8_t status[EMGO1_STATUS_BYTES])
{
    emgo1_health health;
    health.streaming = device->stream != EMGO1_IDLE;
    health.test_signal = device->test_on;
    health.pulse = device->pulsing;
    health.queue_high_water = device->high_water;
    health.adc_overruns = EMGO1_LOAD(&device->overruns);
    health.tx_drops = device->tx_drops;
    health.connection_interval = device->interval;
    health.temperature_centi_C = device->temperature_centi_C;
    health.boot_id = device->about.boot_id;
    emgo1_write_status(status, &health);
    device->high_water = 0;
}
