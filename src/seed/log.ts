/** Lines for the person who runs the seed. They name seeds and faults, never the people who connect. */

export interface Log {
	say(line: string): void;
	/** Printed even when quiet. */
	warn(line: string): void;
}

export function createLog(quiet: boolean): Log {
	return {
		say: quiet ? () => undefined : (line) => process.stdout.write(`${line}\n`),
		warn: (line) => process.stderr.write(`${line}\n`)
	};
}
