// The converter of an ESP32 or ESP32-S3: continuous conversions by DMA, sixteen of them summed to one.
// NOT COMPILED HERE; NEVER RAN ON HARDWARE. ESP-IDF 5.x as in the Arduino core 3.x.
#pragma once
#include <Arduino.h>
#include <emgo1_device.h>
#include <esp_adc/adc_continuous.h>
#include <esp_timer.h>

#if CONFIG_IDF_TARGET_ESP32 || CONFIG_IDF_TARGET_ESP32S2
#define RESULT type1
#define RESULT_FORMAT ADC_DIGI_OUTPUT_FORMAT_TYPE1
#else
#define RESULT type2
#define RESULT_FORMAT ADC_DIGI_OUTPUT_FORMAT_TYPE2
#endif

static const int PINS[] = {34, 35};  // of ADC1: ADC2 is not free beside the radio. ESP32-S3: {1, 2}
static const uint8_t CHANNELS = 2, BITS = 16;
static const uint32_t RATE_HZ = 1000, OVERSAMPLE = 16, BLOCK = 16, CALIBRATION_BLOCKS = 256;
static const float GAIN = 1000.0f;  // of your front-end
static const float UV_PER_COUNT = 3.1e6f / 65536.0f / GAIN;  // 3.1 V at 12 dB, roughly: measure yours
static const uint32_t SKEW_NS = 1000000000 / (RATE_HZ * OVERSAMPLE * CHANNELS);
static const uint32_t FRONT_END_DELAY_US = 0;  // group delay of your front-end
// A frame has the time at which its block ended, the middle of what is summed up in it lies half a frame before.
static const uint32_t GROUP_DELAY_US = FRONT_END_DELAY_US + 500000 / RATE_HZ;

static emgo1_device *taking;  // NULL until the device takes blocks
static adc_continuous_handle_t adc;
static adc_channel_t channel_of[CHANNELS];
static volatile uint32_t blocks_seen, first_block_us, last_block_us;
static uint32_t calibration_us;

static uint32_t now_us() { return (uint32_t)esp_timer_get_time(); }

// The top of the sums' range is made the top of 16 bits, so that the core marks it.
static bool IRAM_ATTR on_block(adc_continuous_handle_t, const adc_continuous_evt_data_t *done, void *) {
    const uint32_t t_us = now_us();
    int16_t counts[BLOCK * CHANNELS] = {0};
    uint32_t sums[CHANNELS] = {0}, seen[CHANNELS] = {0};
    for (uint32_t i = 0; i + SOC_ADC_DIGI_RESULT_BYTES <= done->size; i += SOC_ADC_DIGI_RESULT_BYTES) {
        const adc_digi_output_data_t *result = (const adc_digi_output_data_t *)&done->conv_frame_buffer[i];
        const uint32_t c = result->RESULT.channel == (uint32_t)channel_of[0] ? 0 : 1, raw = result->RESULT.data;
        if (seen[c] == BLOCK * OVERSAMPLE) continue;
        sums[c] += raw + (raw == 4095);
        if (++seen[c] % OVERSAMPLE) continue;
        const int32_t sum = sums[c] < 65535 ? (int32_t)sums[c] : 65535;
        counts[(seen[c] / OVERSAMPLE - 1) * CHANNELS + c] = (int16_t)(sum - 32768);
        sums[c] = 0;
    }
    if (blocks_seen == 0) first_block_us = t_us;
    blocks_seen = blocks_seen + 1;
    last_block_us = t_us;
    if (taking) emgo1_take_block(taking, counts, BLOCK, t_us);
    return false;
}

static void converter_run(void *, bool on) {
    if (on) adc_continuous_start(adc);
    else adc_continuous_stop(adc);
}

// The rate is what the crystal says of it: the converter's own divider is only near to what it was asked for.
static bool converter_set_rate(void *, uint16_t wanted_Hz, uint32_t *numerator_Hz, uint32_t *denominator) {
    *numerator_Hz = CALIBRATION_BLOCKS * BLOCK * 1000000u;
    *denominator = calibration_us;
    return wanted_Hz == RATE_HZ;
}

// Set the converter up and measure its rate for four seconds.
static void converter_begin() {
    adc_digi_pattern_config_t pattern[CHANNELS] = {};
    for (uint32_t c = 0; c < CHANNELS; c++) {
        adc_unit_t unit;
        adc_continuous_io_to_channel(PINS[c], &unit, &channel_of[c]);
        pattern[c].atten = ADC_ATTEN_DB_12;
        pattern[c].channel = channel_of[c];
        pattern[c].unit = unit;
        pattern[c].bit_width = 12;
    }
    adc_continuous_handle_cfg_t sizes = {};
    sizes.conv_frame_size = BLOCK * OVERSAMPLE * CHANNELS * SOC_ADC_DIGI_RESULT_BYTES;
    sizes.max_store_buf_size = 2 * sizes.conv_frame_size;  // fills up and stays so: the interrupt takes each block
    adc_continuous_new_handle(&sizes, &adc);
    adc_continuous_config_t config = {};
    config.pattern_num = CHANNELS;
    config.adc_pattern = pattern;
    config.sample_freq_hz = RATE_HZ * OVERSAMPLE * CHANNELS;
    config.conv_mode = ADC_CONV_SINGLE_UNIT_1;
    config.format = RESULT_FORMAT;
    adc_continuous_config(adc, &config);
    adc_continuous_evt_cbs_t callbacks = {};
    callbacks.on_conv_done = on_block;
    adc_continuous_register_event_callbacks(adc, &callbacks, nullptr);
    adc_continuous_start(adc);
    while (blocks_seen <= CALIBRATION_BLOCKS) delay(1);
    adc_continuous_stop(adc);
    calibration_us = (uint32_t)((uint64_t)(last_block_us - first_block_us) * CALIBRATION_BLOCKS / (blocks_seen - 1));
}
