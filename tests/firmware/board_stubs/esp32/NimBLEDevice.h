// What the board file uses of NimBLE-Arduino 2.x, and of the stack below it (host/ble_gap.h, which it includes).
#pragma once
#include <stddef.h>
#include <stdint.h>
namespace NIMBLE_PROPERTY {
enum { READ = 2, WRITE_NR = 4, WRITE = 8, NOTIFY = 16, INDICATE = 32 };
}
struct NimBLEUUID {};
struct NimBLEAttValue {
    const uint8_t *data() const;
    uint16_t size() const;
};
struct NimBLEConnInfo {
    uint16_t getConnHandle() const;
    uint16_t getMTU() const;
    uint16_t getConnInterval() const;
};
struct NimBLECharacteristic;
struct NimBLECharacteristicCallbacks {
    virtual ~NimBLECharacteristicCallbacks() {}
    virtual void onWrite(NimBLECharacteristic *, NimBLEConnInfo &) {}
};
struct NimBLECharacteristic {
    bool notify(const uint8_t *value, size_t length, uint16_t connHandle = 0xFFFF) const;
    bool indicate(const uint8_t *value, size_t length, uint16_t connHandle = 0xFFFF) const;
    void setValue(const uint8_t *value, size_t length);
    NimBLEAttValue getValue();
    void setCallbacks(NimBLECharacteristicCallbacks *);
};
struct NimBLEService {
    NimBLECharacteristic *createCharacteristic(const char *uuid, uint32_t properties);
    const NimBLEUUID &getUUID() const;
    bool start();
};
struct NimBLEServer;
struct NimBLEServerCallbacks {
    virtual ~NimBLEServerCallbacks() {}
    virtual void onConnect(NimBLEServer *, NimBLEConnInfo &) {}
    virtual void onDisconnect(NimBLEServer *, NimBLEConnInfo &, int) {}
    virtual void onMTUChange(uint16_t, NimBLEConnInfo &) {}
    virtual void onConnParamsUpdate(NimBLEConnInfo &) {}
};
struct NimBLEServer {
    void setCallbacks(NimBLEServerCallbacks *, bool deleteCallbacks = true);
    void advertiseOnDisconnect(bool);
    NimBLEService *createService(const char *uuid);
};
struct NimBLEAdvertising {
    void enableScanResponse(bool);
    bool addServiceUUID(const NimBLEUUID &);
    bool setName(const char *);
};
struct NimBLEDevice {
    static bool init(const char *);
    static bool setMTU(uint16_t);
    static NimBLEServer *createServer();
    static NimBLEServer *getServer();
    static NimBLEAdvertising *getAdvertising();
    static bool startAdvertising();
};
struct ble_gap_upd_params {
    uint16_t itvl_min, itvl_max, latency, supervision_timeout, min_ce_len, max_ce_len;
};
extern "C" int ble_gap_update_params(uint16_t conn_handle, const struct ble_gap_upd_params *params);
