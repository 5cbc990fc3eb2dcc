/*
 * Bytes of CTRL, INFO and STATUS; what is done about them is the device's business.
 */
#ifndef EMGO1_CONTROL_H
#define EMGO1_CONTROL_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Operations that a host may ask for. */
enum { EMGO1_START = 1, EMGO1_STOP = 2, EMGO1_SET = 3, EMGO1_CONN = 5, EMGO1_TEST = 6, EMGO1_PULSE = 7 };

/** What became of one. */
enum { EMGO1_DONE = 0, EMGO1_UNKNOWN = 1, EMGO1_BAD_ARGUMENT = 2, EMGO1_BUSY = 3, EMGO1_NOT_SUPPORTED = 4 };

enum { EMGO1_INFO_BYTES = 36, EMGO1_STATUS_BYTES = 20, EMGO1_REPLY_BYTES = 14 };

/** A command: the operation, and its arguments in their order (SET has three, CONN two, TEST and PULSE one). */
typedef struct {
    uint8_t operation;
    uint16_t arguments[3];
} emgo1_request;

/** What INFO says. Floating point is only kept here, never computed with. */
typedef struct {
    uint8_t n_channels;        /**< that are sent now */
    uint8_t bits;              /**< of the converter, 2 to 24 */
    uint8_t formats;           /**< bit 0 i16, 1 i12, 2 i24, 3 compact */
    uint32_t boot_id;          /**< another one after each start */
    uint32_t rate_numerator;   /**< Hz; the sampling frequency is numerator / denominator */
    uint32_t rate_denominator;
    float uV_per_count;
    float band_low_Hz, band_high_Hz;
    uint32_t group_delay_us;
    uint32_t channel_skew_ns;  /**< from one sent channel to the next */
} emgo1_about;

/** What STATUS says. */
typedef struct {
    bool streaming, test_signal, pulse;
    uint16_t queue_high_water;
    uint32_t adc_overruns;
    uint32_t tx_drops;
    uint16_t connection_interval; /**< units of 1.25 ms */
    int16_t temperature_centi_C;
    uint32_t boot_id;
} emgo1_health;

/** Read what was written to CTRL. Returns EMGO1_DONE when it is well formed, else why not. */
uint8_t emgo1_read_request(const uint8_t *bytes, uint16_t n_bytes, emgo1_request *request);

/** Write the answer to a command. */
void emgo1_write_reply(uint8_t reply[EMGO1_REPLY_BYTES], uint8_t operation, uint8_t result, uint32_t boot_id,
                       uint32_t index, uint32_t t_us);

/** Write INFO. */
void emgo1_write_info(uint8_t info[EMGO1_INFO_BYTES], const emgo1_about *about);

/** Write STATUS. */
void emgo1_write_status(uint8_t status[EMGO1_STATUS_BYTES], const emgo1_health *health);

#ifdef __cplusplus
}
#endif
#endif
