/** How much CPU a program and all it started have used, as Linux tells it. */
import { readdirSync, readFileSync } from 'node:fs';

/** USER_HZ: what `times` in /proc are counted in, on every Linux a browser runs on (man 5 proc). */
const TICKS_PER_S = 100;

interface Process {
	readonly pid: number;
	readonly parent: number;
	readonly ticks: number;
}

/** User and system time of the process tree below `root`, in seconds; null where there is no /proc. */
export function cpuSeconds(root: number): number | null {
	const all = processes();
	if (all === null) return null;
	const family = new Set([root]);
	// Children may be listed before their parents: look until nobody new is found.
	for (let size = 0; size !== family.size;) {
		size = family.size;
		for (const { pid, parent } of all) if (family.has(parent)) family.add(pid);
	}
	const ticks = all.filter(({ pid }) => family.has(pid)).reduce((sum, one) => sum + one.ticks, 0);
	return ticks / TICKS_PER_S;
}

/** Time in which a processor of the machine had nothing to do, of all processors together, in seconds; null where there is no /proc. */
export function idleSeconds(): number | null {
	try {
		// cpu user nice system idle iowait ...
		const [, , , , idle, waiting] = readFileSync('/proc/stat', 'utf8').split(/\s+/);
		return (Number(idle) + Number(waiting)) / TICKS_PER_S;
	} catch {
		return null;
	}
}

function processes(): Process[] | null {
	try {
		return readdirSync('/proc')
			.filter((name) => /^\d+$/.test(name))
			.map((name) => readProcess(Number(name)))
			.filter((one) => one !== null);
	} catch {
		return null;
	}
}

/** The name, second of the fields, may hold anything, so count from the bracket that closes it. */
function readProcess(pid: number): Process | null {
	try {
		const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
		const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
		return { pid, parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) };
	} catch {
		// It ended while we were looking.
		return null;
	}
}
