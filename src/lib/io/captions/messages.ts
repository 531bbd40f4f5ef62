/** What the page, the engine and the worker that makes captions tell each other. Free of imports: loaded on all sides. */

/** From the engine to the captioner, through a port: what our microphone hears while it is open. */
export type TappedSound =
	/** 20 ms, mono, 48 kHz, and the number under which they are said. */
	| { readonly type: 'heard'; readonly seq: number; readonly samples: Float32Array<ArrayBuffer> }
	/** Nothing follows for now: the microphone was closed. */
	| { readonly type: 'closed' };

/** From the page to the worker. */
export type ToCaptioner =
	/** Once, first. `base`: address of the folder with the packs; `path`: of the pack.json below it. */
	| {
			readonly type: 'load';
			readonly base: string;
			readonly path: string;
			/** Address of the runtime's script. */
			readonly glue: string;
			/** Of a recording: no partial words, nothing is let go, and each second that was heard is told. */
			readonly unhurried: boolean;
	  }
	/** Sound comes through this port from now on. */
	| { readonly type: 'listen'; readonly port: MessagePort };
