/** What keeps a seed from starting, told in one line to the person who starts it. */

export type Outcome<T> =
	{ readonly ok: true; readonly value: T } | { readonly ok: false; readonly line: string };

/** Why a file or folder cannot be used, in words; the system's own where we have none. */
export function fileProblem(error: unknown): string {
	switch (codeOf(error)) {
		case 'ENOENT':
			return 'there is no such file';
		case 'EACCES':
		case 'EPERM':
			return 'permission denied';
		case 'EROFS':
			return 'the disk is read-only';
		case 'ENOSPC':
			return 'the disk is full';
		case 'ENOTDIR':
		case 'EEXIST':
			return 'a file is in the way';
		case 'EISDIR':
			return 'it is a folder';
		default:
			return messageOf(error);
	}
}

/** Why a port cannot be listened on. */
export function listenProblem(error: unknown, host: string, port: number): string {
	switch (codeOf(error)) {
		case 'EADDRINUSE':
			return `Port ${port} of ${host} is in use. End the program that has it, or choose another by --port.`;
		case 'EACCES':
			return `Port ${port} needs special rights. Choose one above 1023 by --port.`;
		case 'EADDRNOTAVAIL':
		case 'ENOTFOUND':
		case 'EAI_AGAIN':
			return `${host} is no address of this computer. Choose another by --host.`;
		default:
			return `Cannot listen on ${host}, port ${port}: ${messageOf(error)}.`;
	}
}

export function codeOf(error: unknown): string {
	return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** The first line of an error's message. */
export function messageOf(error: unknown): string {
	return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}
