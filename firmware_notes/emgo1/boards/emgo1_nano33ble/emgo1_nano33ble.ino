// EMGO-1 on an Arduino Nano 33 BLE (nRF52840): ArduinoBLE 1.x, and the library in ../../core.
// NOT COMPILED HERE; NEVER RAN ON HARDWARE. On a PC it was tested in front of stand-ins for its libraries.
#include <Arduino.h>
#include <ArduinoBLE.h>
#include <emgo1_device.h>
#include <utility/ATT.h>  // ArduinoBLE tells the MTU of a link nowhere else

#include "converter.h"

static const int PULSE_PIN = 2;
static const uint16_t INTERVAL = 12;  // 15 ms are asked for; what the host grants is not told

static emgo1_device device;
static BLEService service("e0a50001-6d67-4f72-b1e5-656d676f7264");
static BLECharacteristic data_notify("e0a50002-6d67-4f72-b1e5-656d676f7264", BLENotify, EMGO1_PACKET_BYTES);
static BLECharacteristic ctrl("e0a50003-6d67-4f72-b1e5-656d676f7264", BLEWrite | BLEIndicate, EMGO1_REPLY_BYTES);
static BLECharacteristic sync_("e0a50004-6d67-4f72-b1e5-656d676f7264", BLEWriteWithoutResponse | BLENotify,
                               EMGO1_PONG_BYTES);
static BLECharacteristic info_read("e0a50005-6d67-4f72-b1e5-656d676f7264", BLERead, EMGO1_INFO_BYTES, true);
static BLECharacteristic status_notify("e0a50006-6d67-4f72-b1e5-656d676f7264", BLENotify, EMGO1_STATUS_BYTES, true);

static uint32_t set_pulse(void *, bool high) {
    digitalWrite(PULSE_PIN, high);
    return now_us();
}

// The MTU of the only link: of handles that are nobody's ATT says 23, the least there is.
static uint16_t mtu() {
    uint16_t most = 23;
    for (uint16_t handle = 0; handle < 16; handle++) {
        if (ATT.mtu(handle) > most) most = ATT.mtu(handle);
    }
    return most;
}

// A host may negotiate the MTU whenever it likes, also in a running stream, and ArduinoBLE has no event for it.
static void follow_mtu() { emgo1_link_changed(&device, mtu(), 0); }

static void show_info() {
    uint8_t info[EMGO1_INFO_BYTES];
    emgo1_info(&device, info);
    info_read.writeValue(info, sizeof info);
}

static void on_connected(BLEDevice) { emgo1_connected(&device, mtu(), 0); }

static void on_disconnected(BLEDevice) { emgo1_disconnected(&device); }

static void on_command(BLEDevice, BLECharacteristic) {
    const uint32_t t_us = now_us();
    uint8_t reply[EMGO1_REPLY_BYTES];
    follow_mtu();
    emgo1_command(&device, ctrl.value(), ctrl.valueLength(), t_us, reply);
    show_info();
    ctrl.writeValue(reply, sizeof reply);
}

static void on_ping(BLEDevice, BLECharacteristic) {
    const uint32_t t_us = now_us();
    uint8_t reply[EMGO1_PONG_BYTES];
    const uint8_t n_bytes = emgo1_pong(sync_.value(), sync_.valueLength(), t_us, now_us(), reply);
    if (n_bytes) sync_.writeValue(reply, n_bytes);
}

void setup() {
    const emgo1_board board = {converter_run, converter_set_rate, nullptr, set_pulse, nullptr};
    emgo1_setup told = {};
    pinMode(PULSE_PIN, OUTPUT);
    converter_begin();
    // A number that differs from start to start: the noise of a generator of the chip.
    NRF_RNG->TASKS_START = 1;
    for (int i = 0; i < 4; i++) {
        while (!NRF_RNG->EVENTS_VALRDY) {
        }
        NRF_RNG->EVENTS_VALRDY = 0;
        told.about.boot_id = told.about.boot_id << 8 | NRF_RNG->VALUE;
    }
    NRF_RNG->TASKS_STOP = 1;
    told.about.n_channels = CHANNELS;
    told.about.bits = BITS;
    told.about.formats = 0b1011;
    told.about.uV_per_count = UV_PER_COUNT;
    told.about.band_low_Hz = 20.0f;
    told.about.band_high_Hz = 450.0f;
    told.about.group_delay_us = GROUP_DELAY_US;
    told.about.channel_skew_ns = SKEW_NS;
    converter_set_rate(nullptr, RATE_HZ, &told.about.rate_numerator, &told.about.rate_denominator);
    emgo1_begin(&device, &told, &board);
    taking = &device;
    converter_run(nullptr, true);

    while (!BLE.begin()) delay(100);
    BLE.setLocalName("EMGO-NANO");
    BLE.setConnectionInterval(INTERVAL, INTERVAL);
    BLE.setAdvertisedService(service);
    service.addCharacteristic(data_notify);
    service.addCharacteristic(ctrl);
    service.addCharacteristic(sync_);
    service.addCharacteristic(info_read);
    service.addCharacteristic(status_notify);
    BLE.addService(service);
    show_info();
    ctrl.setEventHandler(BLEWritten, on_command);
    sync_.setEventHandler(BLEWritten, on_ping);
    BLE.setEventHandler(BLEConnected, on_connected);
    BLE.setEventHandler(BLEDisconnected, on_disconnected);
    BLE.advertise();
}

static bool send_packet() {
    uint16_t n_bytes;
    follow_mtu();
    const uint8_t *bytes = emgo1_packet_ready(&device, &n_bytes);
    if (!bytes || !data_notify.writeValue(bytes, n_bytes)) return false;
    emgo1_packet_taken(&device);
    return true;
}

void loop() {
    uint8_t status[EMGO1_STATUS_BYTES];
    BLE.poll();
    while (send_packet()) {
    }
    if (emgo1_tick(&device, now_us())) {
        emgo1_status(&device, status);
        status_notify.writeValue(status, sizeof status);
    }
}
