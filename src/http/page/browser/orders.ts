// The orders that a person can give on the page, their confirmation, and the message afterwards.
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
      consequence: 'It is not sent again, not judged and not reverted. A call that was already made is not undone.',
      order: 'Cancel the action',
    },
    give: (id) => remove('actions', id),
    done: 'The action is cancelled.',
  },
  forget: {
    question: {
      title: 'Remove it from the blacklist?',
      consequence: 'The next alert may try this resolver here again.',
      order: 'Remove the entry',
    },
    give: (id) => remove('blacklist', id),
    done: 'The entry is removed from the blacklist.',
  },
  'end-pause': {
    question: {
      title: 'End this pause?',
      consequence: 'Pending calls and due reverts are then made, and the next alert may lead to an action.',
      order: 'End the pause',
    },
    give: (id) => remove('pauses', id),
    done: 'The pause is ended.',
  },
};
