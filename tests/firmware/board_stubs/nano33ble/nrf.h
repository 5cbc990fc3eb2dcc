// What converter.h uses of Nordic's registers: names, not addresses.
#pragma once
#include <stdint.h>
enum { SAADC_CH_PSELP_PSELP_AnalogInput2 = 3, SAADC_CH_PSELP_PSELP_AnalogInput3 = 4 };
enum { SAADC_RESOLUTION_VAL_14bit = 3, SAADC_ENABLE_ENABLE_Enabled = 1, SAADC_INTENSET_END_Msk = 2 };
enum { SAADC_CH_CONFIG_GAIN_Gain1_6 = 0, SAADC_CH_CONFIG_GAIN_Pos = 8 };
enum { SAADC_CH_CONFIG_TACQ_10us = 2, SAADC_CH_CONFIG_TACQ_Pos = 16 };
enum { TIMER_MODE_MODE_Timer = 0, TIMER_BITMODE_BITMODE_32Bit = 3, TIMER_SHORTS_COMPARE0_CLEAR_Msk = 1 };
typedef enum { SAADC_IRQn = 7 } IRQn_Type;
// An event that has happened whenever somebody waits for it.
struct HappensAtOnce {
    void operator=(uint32_t) {}
    operator uint32_t() const { return 1; }
};
typedef struct {
    volatile uint32_t TASKS_START, TASKS_STOP, TASKS_CLEAR, TASKS_CAPTURE[6], EVENTS_COMPARE[6], SHORTS, MODE, BITMODE,
        PRESCALER, CC[6];
} NRF_TIMER_Type;
typedef struct {
    volatile uint32_t TASKS_START, TASKS_SAMPLE, TASKS_STOP, EVENTS_END, INTENSET, ENABLE, RESOLUTION;
    HappensAtOnce EVENTS_STARTED, EVENTS_STOPPED;
    struct {
        volatile uint32_t PSELP, PSELN, CONFIG;
    } CH[8];
    struct {
        volatile uint32_t PTR, MAXCNT;
    } RESULT;
} NRF_SAADC_Type;
typedef struct {
    volatile uint32_t CHENSET, CHENCLR;
    struct {
        volatile uint32_t EEP, TEP;
    } CH[20];
} NRF_PPI_Type;
typedef struct {
    volatile uint32_t TASKS_HFCLKSTART;
} NRF_CLOCK_Type;
typedef struct {
    volatile uint32_t TASKS_START, TASKS_STOP, VALUE;
    HappensAtOnce EVENTS_VALRDY;
} NRF_RNG_Type;
extern NRF_TIMER_Type timer3, timer4;
extern NRF_SAADC_Type saadc;
extern NRF_PPI_Type ppi;
extern NRF_CLOCK_Type hf_clock;
extern NRF_RNG_Type rng;
#define NRF_TIMER3 (&timer3)
#define NRF_TIMER4 (&timer4)
#define NRF_SAADC (&saadc)
#define NRF_PPI (&ppi)
#define NRF_CLOCK (&hf_clock)
#define NRF_RNG (&rng)
extern "C" {
void NVIC_SetVector(IRQn_Type, uint32_t);
void NVIC_EnableIRQ(IRQn_Type);
void NVIC_DisableIRQ(IRQn_Type);
void NVIC_ClearPendingIRQ(IRQn_Type);
}
