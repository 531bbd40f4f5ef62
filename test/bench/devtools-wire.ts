/** Chromium's DevTools protocol, as bare as it is: a question, and the answer with its number. */

export interface Wire {
	/** Rejects with what Chromium says where it refuses, and where the wire breaks. */
	send<Answer>(method: string, params?: object, sessionId?: string): Promise<Answer>;
	close(): void;
}

interface Asked {
	readonly resolve: (answer: never) => void;
	readonly reject: (error: Error) => void;
}

interface Said {
	/** Events have none. */
	readonly id?: number;
	readonly result?: never;
	readonly error?: { readonly message: string };
}

export async function openWire(address: string): Promise<Wire> {
	const socket = new WebSocket(address);
	await new Promise((resolve, reject) => {
		socket.addEventListener('open', resolve);
		socket.addEventListener('error', () => {
			reject(new Error(`Nobody answers at ${address}.`));
		});
	});
	const open = new Map<number, Asked>();
	let last = 0;
	socket.addEventListener('message', ({ data }) => {
		const { id, result, error } = JSON.parse(String(data)) as Said;
		const asked = id === undefined ? undefined : open.get(id);
		if (id === undefined || asked === undefined) return;
		open.delete(id);
		if (error !== undefined) asked.reject(new Error(error.message));
		else asked.resolve(result as never);
	});
	socket.addEventListener('close', () => {
		for (const { reject } of open.values()) reject(new Error('The wire to Chromium broke.'));
		open.clear();
	});
	return {
		send: (method, params = {}, sessionId) =>
			new Promise((resolve, reject) => {
				const id = ++last;
				open.set(id, { resolve, reject });
				socket.send(JSON.stringify({ id, method, params, sessionId }));
			}),
		close() {
			socket.close();
		}
	};
}
