// What converter.h uses of ESP-IDF 5.x's continuous mode.
#pragma once
#include <stdint.h>
typedef int esp_err_t;
typedef enum { ADC_UNIT_1 } adc_unit_t;
typedef enum { ADC_CHANNEL_0, ADC_CHANNEL_1 } adc_channel_t;
typedef enum { ADC_ATTEN_DB_12 = 3 } adc_atten_t;
typedef enum { ADC_CONV_SINGLE_UNIT_1 = 1 } adc_digi_convert_mode_t;
typedef enum { ADC_DIGI_OUTPUT_FORMAT_TYPE1, ADC_DIGI_OUTPUT_FORMAT_TYPE2 } adc_digi_output_format_t;
#if CONFIG_IDF_TARGET_ESP32
#define SOC_ADC_DIGI_RESULT_BYTES 2
typedef struct {
    struct {
        uint16_t data : 12, channel : 4;
    } type1;
} adc_digi_output_data_t;
#else
#define SOC_ADC_DIGI_RESULT_BYTES 4
typedef struct {
    struct {
        uint32_t data : 12, reserved12 : 1, channel : 4, unit : 1, reserved17_31 : 14;
    } type2;
} adc_digi_output_data_t;
#endif
typedef struct {
    uint8_t atten, channel, unit, bit_width;
} adc_digi_pattern_config_t;
typedef struct adc_continuous_ctx_t *adc_continuous_handle_t;
typedef struct {
    uint32_t max_store_buf_size, conv_frame_size;
} adc_continuous_handle_cfg_t;
typedef struct {
    uint32_t pattern_num;
    adc_digi_pattern_config_t *adc_pattern;
    uint32_t sample_freq_hz;
    adc_digi_convert_mode_t conv_mode;
    adc_digi_output_format_t format;
} adc_continuous_config_t;
typedef struct {
    uint8_t *conv_frame_buffer;
    uint32_t size;
} adc_continuous_evt_data_t;
typedef bool (*adc_continuous_callback_t)(adc_continuous_handle_t, const adc_continuous_evt_data_t *, void *);
typedef struct {
    adc_continuous_callback_t on_conv_done, on_pool_ovf;
} adc_continuous_evt_cbs_t;
extern "C" {
esp_err_t adc_continuous_new_handle(const adc_continuous_handle_cfg_t *, adc_continuous_handle_t *);
esp_err_t adc_continuous_config(adc_continuous_handle_t, const adc_continuous_config_t *);
esp_err_t adc_continuous_register_event_callbacks(adc_continuous_handle_t, const adc_continuous_evt_cbs_t *, void *);
esp_err_t adc_continuous_start(adc_continuous_handle_t);
esp_err_t adc_continuous_stop(adc_continuous_handle_t);
esp_err_t adc_continuous_io_to_channel(int, adc_unit_t *, adc_channel_t *);
}
