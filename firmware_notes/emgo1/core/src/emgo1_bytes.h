/* Little-endian numbers in bytes, on any machine. */
#ifndef EMGO1_BYTES_H
#define EMGO1_BYTES_H

#include <stdint.h>

/** Write the low 16 bits of a number. */
static inline void emgo1_put_u16(uint8_t *bytes, uint32_t value)
{
    bytes[0] = (uint8_t)value;
    bytes[1] = (uint8_t)(value >> 8);
}

/** Write the low 24 bits of a number. */
static inline void emgo1_put_u24(uint8_t *bytes, uint32_t value)
{
    emgo1_put_u16(bytes, value);
    bytes[2] = (uint8_t)(value >> 16);
}

/** Write a number of 32 bits. */
static inline void emgo1_put_u32(uint8_t *bytes, uint32_t value)
{
    emgo1_put_u16(bytes, value);
    emgo1_put_u16(bytes + 2, value >> 16);
}

/** Return the number of 16 bits that begins here. */
static inline uint16_t emgo1_get_u16(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] | bytes[1] << 8);
}

#endif
