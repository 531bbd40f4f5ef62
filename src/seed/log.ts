/** Lines for the person who runs the seed. They name seeds and faults, never the people who connect. */

export interface Log {
	say(line: string): void;
	/** Printed even when quiet. */
	warn(line: string): void;
}

export function createLog(quiet: boolean): Log {
	// Whoever read it has gone (`| head`, a closed terminal): there is nobody to tell, and the seed serves on.
	for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
	return {
		say: quiet ? () => undefined : (line) => process.stdout.write(`${line}\n`),
		warn: (line) => process.stderr.write(`${line}\n`)
	};
}
