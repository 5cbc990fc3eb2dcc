// What the board files use of the Arduino core, as far as it is known from its documentation: for a check of syntax.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#define OUTPUT 3
void pinMode(uint8_t pin, uint8_t mode);
void digitalWrite(uint8_t pin, uint8_t value);
void delay(uint32_t ms);
