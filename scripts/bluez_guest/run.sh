#!/bin/bash
# Run the tests of Bluetooth links against the kernel's Bluetooth stack and bluetoothd, in a virtual machine.
#
# usage: scripts/bluez_guest/run.sh [pytest arguments]
#
# Needs Debian or Ubuntu, and qemu-system-x86, bluez, dbus, busybox-static, cpio, kmod. The guest sees this machine's
# files (read only, changes stay in its memory), so the Python that runs here runs there: PYTHON, default python3.
# WORK (default ~/.cache/emgorder-bluez-guest) keeps the kernel, its initial RAM disk, and the log of the last run.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=${WORK:-$HOME/.cache/emgorder-bluez-guest}
python=$(command -v "${PYTHON:-python3}")
mkdir -p "$work/out"

if ! compgen -G "$work/kernel/boot/vmlinuz-*" > /dev/null; then
    package=$(apt-cache depends linux-image-amd64 | awk '/Depends: linux-image-[0-9]/ {print $2; exit}')
    (cd "$work" && apt-get download "$package" && dpkg -x linux-image-*.deb kernel)
fi
release=$(basename "$work"/kernel/lib/modules/*)

# A RAM disk that loads what is needed to mount this machine's files, and goes on in them.
disk=$work/disk
rm -rf "$disk"
mkdir -p "$disk"/{bin,modules,proc,sys,dev,lower,upper,root}
cp "$(command -v busybox)" "$disk/bin/busybox"
cp "$here/init" "$disk/init"
depmod -b "$work/kernel" "$release"
for module in virtio_pci virtio_console 9pnet_virtio 9p overlay virtio_rng; do
    modprobe -d "$work/kernel" -S "$release" --show-depends "$module" | awk '/^insmod/ {print $2}'
done | awk '!seen[$0]++' | while read -r file; do
    cp "$file" "$disk/modules/"
    basename "$file" >> "$disk/modules/order"
done
(cd "$disk" && find . | cpio -o -H newc --quiet | gzip -1) > "$work/disk.gz"

{
    printf 'ROOT=%q\nPYTHON=%q\nMODULES=%q\nARGUMENTS=(' "$root" "$python" "$work/kernel/lib/modules"
    printf '%q ' "$@"
    printf ')\n'
} > "$work/out/job.env"
rm -f "$work/out/status"
# emulated, since nested virtualisation is often there and does not work; KVM=1 is faster where it does
if [ -n "${KVM:-}" ]; then machine=(-accel kvm -cpu host); else machine=(-accel tcg,thread=multi -cpu max); fi
timeout "${TIMEOUT:-900}" qemu-system-x86_64 -M q35 "${machine[@]}" -smp 2 -m 3072 -nographic -no-reboot -nodefaults \
    -serial file:"$work/out/console.log" -device virtio-rng-pci \
    -kernel "$work/kernel/boot/vmlinuz-$release" -initrd "$work/disk.gz" \
    -append "console=ttyS0 quiet panic=-1 rdinit=/init mitigations=off guest_job=$here/guest.sh" \
    -fsdev local,id=host,path=/,security_model=none,readonly=on,multidevs=remap \
    -device virtio-9p-pci,fsdev=host,mount_tag=host \
    -fsdev local,id=out,path="$work/out",security_model=none -device virtio-9p-pci,fsdev=out,mount_tag=out || true
cat "$work/out/tests.log" 2> /dev/null || cat "$work/out/console.log"
exit "$(cat "$work/out/status" 2> /dev/null || echo 99)"
