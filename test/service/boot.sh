#!/bin/bash
# A machine within this one, with systemd as its first process: boot.sh FOLDER PROJECT, within `unshare --pid --mount --fork --cgroup --uts --ipc --net`.
# What is written goes into memory, over the files of this machine; processes, network, mounts and control groups are its own.
# The project stands in /srv/vanta there, wherever it stands here.
set -euo pipefail
work=$1 project=$2
mkdir -p "$work/written" "$work/root"
mount --make-rprivate /
mount -t tmpfs tmpfs "$work/written"
mkdir "$work/written/upper" "$work/written/work"
mount -t overlay overlay -o "lowerdir=/,upperdir=$work/written/upper,workdir=$work/written/work" "$work/root"
cd "$work/root"
mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t tmpfs tmpfs run
mount -t tmpfs tmpfs tmp
mount --rbind /dev dev
mkdir -p srv/vanta
mount --bind "$project" srv/vanta
mount -o remount,bind,ro srv/vanta
mount -t cgroup2 cgroup2 sys/fs/cgroup
pivot_root . mnt
umount -l /mnt
# Credentials are mounted by a process beside the unit's.
mount --make-rshared /
ip link set lo up
exec env -i container=vanta-test PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --log-target=null --unit=basic.target
