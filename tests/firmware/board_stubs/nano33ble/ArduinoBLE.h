// What the board file uses of ArduinoBLE 1.x.
#pragma once
#include <stdint.h>
enum { BLEWriteWithoutResponse = 4, BLERead = 2, BLEWrite = 8, BLENotify = 16, BLEIndicate = 32 };
enum BLEDeviceEvent { BLEConnected, BLEDisconnected };
enum BLECharacteristicEvent { BLEWritten = 2 };
struct BLEDevice {};
class BLECharacteristic;
typedef void (*BLECharacteristicEventHandler)(BLEDevice, BLECharacteristic);
typedef void (*BLEDeviceEventHandler)(BLEDevice);
class BLECharacteristic {
  public:
    BLECharacteristic(const char *uuid, uint16_t permissions, int valueSize, bool fixedLength = false);
    const uint8_t *value() const;
    int valueLength() const;
    int writeValue(const uint8_t value[], int length);
    void setEventHandler(int event, BLECharacteristicEventHandler);
};
class BLEService {
  public:
    explicit BLEService(const char *uuid);
    void addCharacteristic(BLECharacteristic &);
};
class BLELocalDevice {
  public:
    int begin();
    void poll();
    void setLocalName(const char *);
    void setConnectionInterval(uint16_t, uint16_t);
    void setAdvertisedService(const BLEService &);
    void addService(BLEService &);
    void setEventHandler(BLEDeviceEvent, BLEDeviceEventHandler);
    int advertise();
};
extern BLELocalDevice &BLE;
