import { keysContract } from '../contract/keys-contract.ts';

keysContract();
