#!/bin/bash
# Boots this machine's own systemd as the first process of new namespaces: processes, mounts, network, cgroups and host
# name. The disk is the real one, read through an overlay whose changes live in memory.
#
#   boot_systemd.sh DIRECTORY [BIND]...    BIND: a directory that may lie on another file system, shown read-only
#
# The cgroups that it makes are listed in DIRECTORY/cgroups, for the caller to remove.
set -euo pipefail

place=$1
shift
: >"$place/cgroups"

# One new group in each hierarchy: it becomes the root of the cgroup namespace that is created below.
while IFS=: read -r _ controllers path; do
    case $controllers in
        '') names='unified .' ;;
        name=*) names=${controllers#name=} ;;
        *) names=$controllers ;;
    esac
    for name in $names; do
        parent=$(realpath -m "/sys/fs/cgroup/$name$path")
        [ -w "$parent/cgroup.procs" ] || continue
        group=$parent/kairos-test-$$
        mkdir "$group"
        echo "$group" >>"$place/cgroups"
        if [ -e "$group/cpuset.cpus" ] && [ -e "$group/cgroup.clone_children" ]; then
            cat "$parent/cpuset.cpus" >"$group/cpuset.cpus"
            cat "$parent/cpuset.mems" >"$group/cpuset.mems"
            echo 1 >"$group/cgroup.clone_children"
        fi
        break
    done
done < <(cat /proc/self/cgroup)
while read -r group; do echo $$ >"$group/cgroup.procs"; done <"$place/cgroups"

exec unshare --mount --pid --uts --ipc --net --cgroup --fork --kill-child bash -euo pipefail -s -- "$place" "$@" <<'INSIDE'
place=$1
shift
mount --make-rprivate /
mount -t tmpfs -o mode=755 kairos-test "$place"
mkdir "$place"/{upper,work,root}
root=$place/root
mount -t overlay -o "lowerdir=/,upperdir=$place/upper,workdir=$place/work" overlay "$root"

mount -t proc -o nosuid,noexec,nodev proc "$root/proc"
mount --bind "$root/proc/sys" "$root/proc/sys"
mount -o remount,bind,ro "$root/proc/sys"
mount -t sysfs -o ro,nosuid,noexec,nodev sysfs "$root/sys"
mount -t tmpfs -o mode=755 dev "$root/dev"
for node in null zero full random urandom tty; do
    touch "$root/dev/$node"
    mount --bind "/dev/$node" "$root/dev/$node"
done
mkdir "$root"/dev/{pts,shm,mqueue}
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
for memory in dev/shm tmp run; do
    mount -t tmpfs -o mode=1777 "$memory" "$root/$memory"
done
chmod 755 "$root/run"

groups=$root/sys/fs/cgroup
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
    mount -t cgroup2 cgroup2 "$groups"
else
    mount -t tmpfs -o mode=755 cgroup "$groups"
    while IFS=: read -r _ controllers _; do
        case $controllers in
            '') mkdir "$groups/unified"; mount -t cgroup2 cgroup2 "$groups/unified" ;;
            name=*) mkdir "$groups/${controllers#name=}"; mount -t cgroup -o "none,$controllers" cgroup "$groups/${controllers#name=}" ;;
            *) mkdir "$groups/$controllers"; mount -t cgroup -o "$controllers" cgroup "$groups/$controllers" ;;
        esac
    done < <(cat /proc/self/cgroup)
fi

hostname kairos-test
ip link set lo up || true
units=$root/etc/systemd/system
rm -rf "$units"/*.wants
echo 5f1d0c3a2b4e49788776655443322110 >"$root/etc/machine-id"
: >"$root/etc/fstab"
printf '[Unit]\nRequires=basic.target\nAfter=basic.target\nAllowIsolate=yes\n' >"$units/kairos-test.target"
mkdir -p "$root/etc/systemd/journald.conf.d"
printf '[Journal]\nStorage=volatile\n' >"$root/etc/systemd/journald.conf.d/kairos-test.conf"
# Mask what belongs to the hardware or to the surrounding machine.
for unit in systemd-remount-fs.service systemd-timesyncd.service systemd-udevd.service systemd-sysctl.service \
    systemd-binfmt.service systemd-journald-audit.socket sys-kernel-debug.mount sys-kernel-tracing.mount \
    sys-kernel-config.mount dev-hugepages.mount sys-fs-fuse-connections.mount; do
    ln -sf /dev/null "$units/$unit"
done
for bind in "$@"; do
    mkdir -p "$root$bind"
    mount --rbind "$bind" "$root$bind"
    mount -o remount,bind,ro "$root$bind"
done

cd "$root"
mkdir .old
pivot_root . .old
umount -l /.old
cd /
exec setpriv --bounding-set=-sys_module,-sys_time,-sys_rawio,-sys_boot,-syslog,-audit_control,-audit_read,-wake_alarm \
    env -i container=kairos-test PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    /lib/systemd/systemd --system --unit=kairos-test.target </dev/null
INSIDE
