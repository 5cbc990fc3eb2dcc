#!/bin/bash
# In the guest: D-Bus, bluetoothd, and the tests with their radio behind /dev/vhci.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
export PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 OMP_NUM_THREADS=1 EMGORDER_BLE_STACK=bluez
. /out/job.env
mkdir -p /lib/modules
mount --bind "$MODULES" /lib/modules
ip link set lo up 2> /dev/null
modprobe -a hci_vhci cmac ecb algif_skcipher algif_hash uhid
mkdir -p /run/dbus
rm -rf /var/lib/bluetooth
dbus-daemon --system --fork
daemon=$(ls /usr/libexec/bluetooth/bluetoothd /usr/lib/bluetooth/bluetoothd /usr/sbin/bluetoothd 2> /dev/null | head -1)
"$daemon" -n > /out/bluetoothd.log 2>&1 &
sleep 2
cd "$ROOT" || exit
{
    uname -sr
    echo "bluetoothd $("$daemon" --version)"
    "$PYTHON" -c 'import importlib.metadata as m; print(*(f"{p} {m.version(p)}" for p in ("bleak", "bumble")))'
    # bleak leaves a connection to D-Bus to the garbage collector, which warns of it
    PYTHONPATH="$ROOT" "$PYTHON" -m pytest -p no:cacheprovider -W ignore::ResourceWarning tests/acquisition/test_ble.py "${ARGUMENTS[@]}"
    echo $? > /out/status
} > /out/tests.log 2>&1
dmesg > /out/dmesg.log
sync
echo o > /proc/sysrq-trigger
sleep 10
