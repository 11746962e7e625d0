"""What a process and its children have in memory, and whose it is."""

import os
import re
import subprocess


def family(pid):
    """A process and all that descend from it."""
    found = [pid]
    for one in found:
        try:
            for task in os.listdir(f"/proc/{one}/task"):
                with open(f"/proc/{one}/task/{task}/children") as children:
                    found += map(int, children.read().split())
        except FileNotFoundError:
            pass
    return found


def libpq_family():
    """The files of libpq and of what it alone brings along."""
    listed = subprocess.check_output(["/sbin/ldconfig", "-p"], text=True)
    libpq = os.path.realpath(re.search(r"libpq\.so\.5 .*=> (\S+)", listed).group(1))
    needs = subprocess.check_output(["ldd", libpq], text=True)
    files = {os.path.realpath(path) for path in re.findall(r"=> (/\S+)", needs)}
    return {libpq} | {path for path in files if not re.search(r"/lib[cm]\.so", path)}


def mappings(pid):
    """What each mapping of the family is of ("" for none), and its sizes in kB by name."""
    for one in family(pid):
        with open(f"/proc/{one}/smaps") as lines:
            file, sizes = None, {}
            for line in lines:
                words = line.split()
                if re.match(r"[0-9a-f]+-[0-9a-f]+ ", line):
                    if file is not None:
                        yield file, sizes
                    file, sizes = " ".join(words[5:]), {}
                elif words[-1] == "kB":
                    sizes[words[0].rstrip(":")] = int(words[1])
            if file is not None:
                yield file, sizes


def memory(pid):
    """Megabytes by whose they are; none where another's may not be looked at."""
    brought = libpq_family()
    kb = dict.fromkeys(("resident", "share", "private", "libraries", "libpq"), 0)
    try:
        for file, sizes in mappings(pid):
            kb["resident"] += sizes["Rss"]
            kb["share"] += sizes["Pss"]
            kb["private"] += sizes["Private_Clean"] + sizes["Private_Dirty"]
            kb["libraries"] += sizes["Rss"] if ".so" in file else 0
            kb["libpq"] += sizes["Rss"] if file in brought else 0
    except PermissionError:
        return dict.fromkeys(kb, 0)
    return {name: size / 1024 for name, size in kb.items()}
