/** What lives in this thread after a full collection, counted: the same on every run, as a heap in bytes is not. */
import { Session, type Runtime } from 'node:inspector';

export interface Holdings {
	/** Entries of all maps and sets, and places of all arrays. */
	readonly entries: number;
	/** Of all buffers that a view is left of. */
	readonly bufferBytes: number;
}

/** The lists that were made here. */
const ours = new WeakSet<object>();

/** Every object that is left after a full collection, with which the inspector begins; closures hide none of them. */
export function livingObjects(): readonly object[] {
	const session = new Session();
	session.connect();
	let found: readonly object[] = [];
	const hook = globalThis as { takeLiving?: (all: readonly object[]) => void };
	hook.takeLiving = (all) => {
		found = all;
	};
	const group = { objectGroup: 'living' };
	const take = ({ objects }: Runtime.QueryObjectsReturnType): void => {
		const functionDeclaration = 'function () { globalThis.takeLiving(this); }';
		const { objectId = '' } = objects;
		session.post('Runtime.callFunctionOn', { functionDeclaration, objectId });
	};
	const query = ({ result }: Runtime.EvaluateReturnType): void => {
		const of = { prototypeObjectId: result.objectId ?? '', ...group };
		session.post('Runtime.queryObjects', of, (error, all: Runtime.QueryObjectsReturnType) => {
			if (error === null) take(all);
		});
	};
	const wanted = { expression: 'Object.prototype', ...group };
	// Answers come before the call returns; what fails leaves nothing found.
	session.post('Runtime.evaluate', wanted, (error, found: Runtime.EvaluateReturnType) => {
		if (error === null) query(found);
	});
	session.post('Runtime.releaseObjectGroup', group);
	session.disconnect();
	delete hook.takeLiving;
	if (found.length === 0) throw new Error('The inspector has found nothing.');
	ours.add(found);
	return found.filter((one) => !ours.has(one));
}

/** A prototype has the looks of what it is one of, and nothing in it. */
const isPlain = (one: object, kind: { readonly prototype: object }): boolean =>
	Object.getPrototypeOf(one) === kind.prototype && !Object.hasOwn(one, 'constructor');

export const isMap = (one: object): one is Map<unknown, unknown> => isPlain(one, Map);
const isSet = (one: object): one is Set<unknown> => isPlain(one, Set);

export function holdingsOf(objects: readonly object[]): Holdings {
	const buffers = new Set<ArrayBufferLike>();
	let entries = 0;
	for (const one of objects) {
		if (isMap(one) || isSet(one)) entries += one.size;
		else if (Array.isArray(one)) entries += one.length;
		else if (ArrayBuffer.isView(one)) buffers.add(one.buffer);
	}
	let bufferBytes = 0;
	for (const { byteLength } of buffers) bufferBytes += byteLength;
	return { entries, bufferBytes };
}
