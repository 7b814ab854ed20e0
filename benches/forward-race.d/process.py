"""What Linux says about processes: CPU and memory."""

import os
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def stat(pid):
    """The fields of /proc/PID/stat after the name; None if the process is gone."""
    try:
        # The name may hold blanks and brackets.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None


def session(leader):
    """The processes of a session."""
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            fields = stat(entry)
            if fields and int(fields[3]) == leader:
                yield int(entry)


def cpu(pid):
    """User and system seconds of a process and its children that have ended; 0 if it is gone."""
    fields = stat(pid)
    return sum(map(int, fields[11:15])) / TICKS if fields else 0.0


def peak(pid):
    """The largest resident memory so far, in MB."""
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1000 * 1.024
    except OSError:
        pass
    return 0.0


def listener(port):
    """The process that listens on a TCP port of this machine; None if it is elsewhere or somebody else's."""
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for fields in map(str.split, lines):
            if fields[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == port:
                inodes.add(f"socket:[{fields[9]}]")
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            for descriptor in os.scandir(f"/proc/{entry}/fd"):
                if os.readlink(descriptor.path) in inodes:
                    return int(entry)
        except OSError:
            continue
    return None
