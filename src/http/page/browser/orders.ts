// The orders a person can give on the page, what is asked before, and what is said after.
import { remove } from './api-client.js';
import type { Question } from './confirm-order.js';

export interface Order {
  readonly question: Question;
  readonly give: (id: string) => Promise<void>;
  readonly done: string;
}

/** By the buttons' `data-order`. */
export const ORDERS: Readonly<Record<string, Order>> = {
  cancel: {
    question: {
      title: 'Cancel this action?',
      consequence: 'It is not sent again, not judged and not reverted. A call that was made already is not taken back.',
      order: 'Cancel the action',
    },
    give: (id) => remove('actions', id),
    done: 'The action is cancelled.',
  },
  forget: {
    question: {
      title: 'Remove it from the blacklist?',
      consequence: 'What the log holds against this resolver here is forgotten: the next alert may try it again.',
      order: 'Remove the entry',
    },
    give: (id) => remove('blacklist', id),
    done: 'The entry is removed from the blacklist.',
  },
  'end-pause': {
    question: {
      title: 'End this pause?',
      consequence:
        'What it held back goes on: calls that wait are made, due reverts too, and the next alert may lead to an action.',
      order: 'End the pause',
    },
    give: (id) => remove('pauses', id),
    done: 'The pause is over.',
  },
};
