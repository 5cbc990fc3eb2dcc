#include "emgo1_control.h"

#include <string.h>

#include "emgo1_bytes.h"

enum { PROFILE_VERSION = 1, IS_REPLY = 0x80 };

/* Floats leave as the bits they have, which are those of IEEE 754 on every machine this is meant for. */
static void put_f32(uint8_t *bytes, const float *value)
{
    uint32_t bits;
    memcpy(&bits, value, sizeof bits);
    emgo1_put_u32(bytes, bits);
}

uint8_t emgo1_read_request(const uint8_t *bytes, uint16_t n_bytes, emgo1_request *request)
{
    uint16_t wanted;
    request->operation = n_bytes ? bytes[0] : 0;
    memset(request->arguments, 0, sizeof request->arguments);
    switch (request->operation) {
    case EMGO1_START:
    case EMGO1_STOP:
        wanted = 1;
        break;
    case EMGO1_SET:
    case EMGO1_CONN:
        wanted = 5;
        break;
    case EMGO1_TEST:
    case EMGO1_PULSE:
        wanted = 2;
        break;
    default:
        return EMGO1_UNKNOWN;
    }
    if (n_bytes != wanted) {
        return EMGO1_BAD_ARGUMENT;
    }
    if (wanted == 2) {
        request->arguments[0] = bytes[1];
    } else if (wanted == 5) {
        request->arguments[0] = emgo1_get_u16(bytes + 1);
        if (request->operation == EMGO1_CONN) {
            request->arguments[1] = emgo1_get_u16(bytes + 3);
        } else {
            request->arguments[1] = bytes[3];
            request->arguments[2] = bytes[4];
        }
    }
    return EMGO1_DONE;
}

void emgo1_write_reply(uint8_t reply[EMGO1_REPLY_BYTES], uint8_t operation, uint8_t result, uint32_t boot_id,
                       uint32_t index, uint32_t t_us)
{
    reply[0] = operation | IS_REPLY;
    reply[1] = result;
    emgo1_put_u32(reply + 2, boot_id);
    emgo1_put_u32(reply + 6, index);
    emgo1_put_u32(reply + 10, t_us);
}

void emgo1_write_info(uint8_t info[EMGO1_INFO_BYTES], const emgo1_about *about)
{
    info[0] = PROFILE_VERSION;
    info[1] = about->n_channels;
    info[2] = about->bits;
    info[3] = about->formats;
    emgo1_put_u32(info + 4, about->boot_id);
    emgo1_put_u32(info + 8, about->rate_numerator);
    emgo1_put_u32(info + 12, about->rate_denominator);
    put_f32(info + 16, &about->uV_per_count);
    put_f32(info + 20, &about->band_low_Hz);
    put_f32(info + 24, &about->band_high_Hz);
    emgo1_put_u32(info + 28, about->group_delay_us);
    emgo1_put_u32(info + 32, about->channel_skew_ns);
}

void emgo1_write_status(uint8_t status[EMGO1_STATUS_BYTES], const emgo1_health *health)
{
    status[0] = PROFILE_VERSION;
    status[1] = (uint8_t)(health->streaming | health->test_signal << 1 | health->pulse << 2);
    emgo1_put_u16(status + 2, health->queue_high_water);
    emgo1_put_u32(status + 4, health->adc_overruns);
    emgo1_put_u32(status + 8, health->tx_drops);
    emgo1_put_u16(status + 12, health->connection_interval);
    emgo1_put_u16(status + 14, (uint32_t)(int32_t)health->temperature_centi_C);
    emgo1_put_u32(status + 16, health->boot_id);
}
