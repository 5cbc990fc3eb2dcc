// The converter of an nRF52840: a timer starts each conversion, DMA stores it, a second timer notes when a block ended.
// NOT COMPILED HERE; NEVER RAN ON HARDWARE. Registers as in Nordic's product specification and headers (nrf.h).
#pragma once
#include <Arduino.h>
#include <emgo1_device.h>
#include <nrf.h>

static const uint8_t CHANNELS = 2, BITS = 14;
static const uint32_t INPUTS[CHANNELS] = {SAADC_CH_PSELP_PSELP_AnalogInput2, SAADC_CH_PSELP_PSELP_AnalogInput3};  // A0, A1
static const uint32_t TIMER_HZ = 16000000, RATE_HZ = 1000, BLOCK = 16;
static const int16_t MIDDLE = 7509;  // 1.65 V of 3.6 V: where your front-end rests
static const float GAIN = 1000.0f;   // of your front-end
static const float UV_PER_COUNT = 3.6e6f / 16384.0f / GAIN;
static const uint32_t GROUP_DELAY_US = 0;  // of your front-end
static const uint32_t SKEW_NS = 12000;  // 10 µs of acquisition and 2 µs of conversion
// Channels of the PPI that the radio does not use; TIMER0 and TIMER1 are the radio's and mbed's.
static const uint32_t PPI_SAMPLE = 5, PPI_RESTART = 6, PPI_STAMP = 7;
static NRF_TIMER_Type *const PACE = NRF_TIMER3, *const STAMPS = NRF_TIMER4;
enum { CC_BLOCK = 0, CC_NOW = 1 };

static emgo1_device *taking;
static int16_t blocks[2][BLOCK * CHANNELS];
static volatile uint8_t filling;

static uint32_t now_us() {
    STAMPS->TASKS_CAPTURE[CC_NOW] = 1;
    return STAMPS->CC[CC_NOW];
}

// The end of a block has started the next one already, into the other buffer; which buffer comes after it is told here.
static void on_block() {
    if (!NRF_SAADC->EVENTS_END) return;
    NRF_SAADC->EVENTS_END = 0;
    int16_t *full = blocks[filling];
    filling ^= 1;
    NRF_SAADC->RESULT.PTR = (uint32_t)(uintptr_t)full;  // latched at the next start only: there is a whole block of time
    for (uint32_t i = 0; i < BLOCK * CHANNELS; i++) full[i] -= MIDDLE;
    if (taking) emgo1_take_block(taking, full, BLOCK, STAMPS->CC[CC_BLOCK]);
}

static void converter_run(void *, bool on) {
    if (!on) {
        PACE->TASKS_STOP = 1;
        NVIC_DisableIRQ(SAADC_IRQn);
        NRF_PPI->CHENCLR = 1u << PPI_RESTART;  // or stopping, which also ends a block, would start the next one
        NRF_SAADC->EVENTS_STOPPED = 0;
        NRF_SAADC->TASKS_STOP = 1;
        while (!NRF_SAADC->EVENTS_STOPPED) {
        }
        NRF_SAADC->EVENTS_END = 0;
        return;
    }
    filling = 0;
    NRF_SAADC->RESULT.MAXCNT = BLOCK * CHANNELS;
    NRF_SAADC->RESULT.PTR = (uint32_t)(uintptr_t)blocks[0];
    NRF_SAADC->EVENTS_STARTED = 0;
    NRF_SAADC->TASKS_START = 1;
    while (!NRF_SAADC->EVENTS_STARTED) {
    }
    NRF_SAADC->RESULT.PTR = (uint32_t)(uintptr_t)blocks[1];
    NRF_PPI->CHENSET = 1u << PPI_RESTART;
    NVIC_ClearPendingIRQ(SAADC_IRQn);
    NVIC_EnableIRQ(SAADC_IRQn);
    PACE->TASKS_CLEAR = 1;
    PACE->TASKS_START = 1;
}

static bool converter_set_rate(void *, uint16_t wanted_Hz, uint32_t *numerator_Hz, uint32_t *denominator) {
    if (wanted_Hz < 100 || wanted_Hz > 4000) return false;
    PACE->CC[0] = (TIMER_HZ + wanted_Hz / 2) / wanted_Hz;
    *numerator_Hz = TIMER_HZ;
    *denominator = PACE->CC[0];
    return true;
}

static void connect_ppi(uint32_t channel, volatile uint32_t *event, volatile uint32_t *task) {
    NRF_PPI->CH[channel].EEP = (uint32_t)(uintptr_t)event;
    NRF_PPI->CH[channel].TEP = (uint32_t)(uintptr_t)task;
}

static void converter_begin() {
    NRF_CLOCK->TASKS_HFCLKSTART = 1;  // the crystal: without it the timers run from an RC oscillator
    PACE->MODE = STAMPS->MODE = TIMER_MODE_MODE_Timer;
    PACE->BITMODE = STAMPS->BITMODE = TIMER_BITMODE_BITMODE_32Bit;
    PACE->PRESCALER = 0;   // 16 MHz
    STAMPS->PRESCALER = 4;  // 1 MHz
    PACE->SHORTS = TIMER_SHORTS_COMPARE0_CLEAR_Msk;
    STAMPS->TASKS_START = 1;

    NRF_SAADC->RESOLUTION = SAADC_RESOLUTION_VAL_14bit;
    for (uint32_t c = 0; c < CHANNELS; c++) {
        NRF_SAADC->CH[c].PSELP = INPUTS[c];
        NRF_SAADC->CH[c].CONFIG = SAADC_CH_CONFIG_GAIN_Gain1_6 << SAADC_CH_CONFIG_GAIN_Pos |
                                  SAADC_CH_CONFIG_TACQ_10us << SAADC_CH_CONFIG_TACQ_Pos;
    }
    NRF_SAADC->ENABLE = SAADC_ENABLE_ENABLE_Enabled;
    NRF_SAADC->INTENSET = SAADC_INTENSET_END_Msk;
    NVIC_SetVector(SAADC_IRQn, (uint32_t)(uintptr_t)on_block);
    connect_ppi(PPI_SAMPLE, &PACE->EVENTS_COMPARE[0], &NRF_SAADC->TASKS_SAMPLE);
    connect_ppi(PPI_RESTART, &NRF_SAADC->EVENTS_END, &NRF_SAADC->TASKS_START);
    connect_ppi(PPI_STAMP, &NRF_SAADC->EVENTS_END, &STAMPS->TASKS_CAPTURE[CC_BLOCK]);
    NRF_PPI->CHENSET = 1u << PPI_SAMPLE | 1u << PPI_STAMP;
}
