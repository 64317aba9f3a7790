// Asks for confirmation of an order that another click cannot undo.
import { element } from './page-node.js';
import { patchPage } from './patch-page.js';

export interface Question {
  readonly title: string;
  readonly consequence: string;
  /** On the button that gives the order. */
  readonly order: string;
}

/** Resolves true if the person confirms. Escape means no. */
export function confirmOrder({ title, consequence, order }: Question): Promise<boolean> {
  const dialog = document.createElement('dialog');
  dialog.setAttribute('aria-labelledby', 'dialog-title');
  dialog.setAttribute('aria-describedby', 'dialog-consequence');
  patchPage(dialog, [
    element('h2', { id: 'dialog-title' }, title),
    element('p', { id: 'dialog-consequence' }, consequence),
    element(
      'div',
      { class: 'choices' },
      element('button', { type: 'button', 'data-choice': 'no' }, 'No, leave it'),
      element('button', { type: 'button', class: 'primary', 'data-choice': 'yes' }, order),
    ),
  ]);
  document.body.append(dialog);
  return new Promise((resolve) => {
    let isMeant = false;
    dialog.addEventListener('click', (event) => {
      const choice = event.target instanceof HTMLElement ? event.target.dataset['choice'] : undefined;
      if (choice === undefined) return;
      isMeant = choice === 'yes';
      dialog.close();
    });
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(isMeant);
    });
    dialog.showModal();
  });
}
