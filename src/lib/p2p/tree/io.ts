/** What goes into one peer's tree and what comes out: plain data, carried out in order. */
import type { Contact } from '../wire/contact.ts';
import type { ControlMessage, Knock, KnockRefusal, Want } from '../wire/control.ts';
import type { PeerId } from '../wire/ids.ts';
import type { Heartbeat } from '../wire/packet.ts';

/** Messages of the control channel that concern the tree. */
export type TreeMessage = Extract<
	ControlMessage,
	{
		type:
			| 'attach'
			| 'attached'
			| 'detach'
			| 'path'
			| 'bye'
			| 'stand-by'
			| 'standing-by'
			| 'stand-down'
			| 'graft'
			| 'raise'
			| 'climb'
			| 'offers'
			| 'delay'
			| 'places';
	}
>;

export type TreeInput =
	/** Members found by the directory. */
	| { readonly type: 'contacts'; readonly contacts: readonly Contact[] }
	/** Who is on stage by the room's law, in the order of taking seats. */
	| { readonly type: 'stage'; readonly peers: readonly PeerId[] }
	| { readonly type: 'fanout'; readonly children: number }
	/** Where we listen ourselves. */
	| { readonly type: 'address'; readonly addrs: readonly string[] }
	| {
			readonly type: 'knock';
			readonly ticket: number;
			readonly from: PeerId;
			readonly knock: Knock;
	  }
	| { readonly type: 'refused'; readonly peer: PeerId; readonly refusal: KnockRefusal | null }
	/** `answered`: it had said something to our knock. */
	| { readonly type: 'failed'; readonly peer: PeerId; readonly answered?: boolean }
	| { readonly type: 'opened'; readonly peer: PeerId }
	| { readonly type: 'closed'; readonly peer: PeerId }
	| { readonly type: 'message'; readonly from: PeerId; readonly message: TreeMessage }
	/** A peer's hello told where it listens. */
	| { readonly type: 'contact'; readonly contact: Contact }
	/** Any datagram came over this link; `frames`: of sound. */
	| {
			readonly type: 'heard';
			readonly from: PeerId;
			readonly heartbeat: Heartbeat | null;
			readonly frames?: boolean;
	  }
	/** A frame of our own went down. */
	| { readonly type: 'spoke' }
	/** Our parent pushes nothing although somebody talks: a backup is to take its place now. */
	| { readonly type: 'starved'; readonly parent: PeerId }
	/** A backup did not answer in time what it was asked at `askedMs`. */
	| { readonly type: 'unanswered'; readonly peer: PeerId; readonly askedMs: number }
	/** Who was asked for sound, and has none to give, shows that it is there. */
	| { readonly type: 'show'; readonly to: PeerId }
	/** A source of ours misbehaves: it is left, and avoided for a while. */
	| { readonly type: 'bad'; readonly peer: PeerId }
	/** Who is out of the room by its law: all of them, each time that changes. */
	| { readonly type: 'out'; readonly peers: ReadonlySet<PeerId> }
	| { readonly type: 'tick' }
	| { readonly type: 'leave' };

export type TreeOutput =
	/** Ask the directory for members. */
	| { readonly type: 'find' }
	| { readonly type: 'open'; readonly to: Contact; readonly want: Want }
	| { readonly type: 'admit'; readonly ticket: number }
	| { readonly type: 'refuse'; readonly ticket: number; readonly refusal: KnockRefusal }
	| { readonly type: 'close'; readonly peer: PeerId }
	| { readonly type: 'send'; readonly to: PeerId; readonly message: TreeMessage }
	| { readonly type: 'beat'; readonly to: PeerId; readonly heartbeat: Heartbeat };
