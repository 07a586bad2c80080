// SPDX-License-Identifier: Apache-2.0
// One field that takes a number or a person, with the directory's answers below it.
import {
  Button,
  MenuToggle,
  Select,
  SelectList,
  SelectOption,
  TextInputGroup,
  TextInputGroupMain,
  TextInputGroupUtilities,
  type MenuToggleElement,
} from '@patternfly/react-core';
import { TimesIcon } from '@patternfly/react-icons';
import { useId, useState, type SyntheticEvent, type KeyboardEvent, type ReactNode, type Ref } from 'react';
import { useTranslation } from 'react-i18next';

import { isDialable, numbersOf, type CallableNumber } from '../directory/numbers';
import { longestSearch, useSuggestions } from '../directory/useDirectory';
import { useMay } from '../session/session';
import { useDebounced } from '../ui/useDebounced';

interface Choice {
  id: string;
  name: string;
  kind: CallableNumber['kind'] | undefined;
  number: string;
}

const searchPauseMs = 200;

export function PartyPicker({
  label,
  action,
  icon,
  busy,
  onPick,
}: {
  label: string;
  /** On the button. */
  action: string;
  icon: ReactNode;
  busy: boolean;
  onPick: (number: string, party: string) => void;
}) {
  const { t } = useTranslation();
  const listId = useId();
  const [text, setText] = useState('');
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState<number>();
  const choices = useChoices(text, listId);
  const chosen = active === undefined ? undefined : choices[active];

  const pick = (number: string, party: string) => {
    setText('');
    setOpen(false);
    setActive(undefined);
    onPick(number, party);
  };
  const change = (value: string) => {
    setText(value);
    setActive(undefined);
    setOpen(value.trim() !== '');
  };
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    const trimmed = text.trim();
    if (chosen) pick(chosen.number, chosen.name);
    else if (isDialable(trimmed)) pick(trimmed, trimmed);
    // One person with one number leaves no doubt.
    else if (choices.length === 1 && choices[0]) pick(choices[0].number, choices[0].name);
    else if (trimmed !== '') setOpen(true);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') {
      setOpen(false);
      setActive(undefined);
    }
    if ((event.key !== 'ArrowDown' && event.key !== 'ArrowUp') || choices.length === 0) return;
    event.preventDefault();
    setOpen(true);
    const step = event.key === 'ArrowDown' ? 1 : -1;
    const from = active ?? (step === 1 ? -1 : 0);
    setActive((from + step + choices.length) % choices.length);
  };

  const toggle = (ref: Ref<MenuToggleElement>) => (
    <MenuToggle
      variant="typeahead"
      innerRef={ref}
      isExpanded={open}
      isFullWidth
      className="jf-dialer-toggle"
      onClick={() => setOpen(!open && text.trim() !== '')}
      aria-label={t('dial.suggestions')}
    >
      <TextInputGroup isPlain>
        <TextInputGroupMain
          value={text}
          placeholder={t('dial.placeholder')}
          onChange={(_event, value) => change(value)}
          onKeyDown={onKeyDown}
          onClick={() => setOpen(text.trim() !== '')}
          maxLength={longestSearch}
          autoComplete="off"
          role="combobox"
          isExpanded={open}
          aria-controls={listId}
          aria-label={label}
          {...(chosen && open ? { 'aria-activedescendant': chosen.id } : {})}
        />
        <TextInputGroupUtilities className={text ? '' : 'jf-hidden'}>
          <Button
            variant="plain"
            icon={<TimesIcon />}
            aria-label={t('dial.clear')}
            onClick={() => change('')}
          />
        </TextInputGroupUtilities>
      </TextInputGroup>
    </MenuToggle>
  );

  return (
    <form className="jf-dialer" onSubmit={submit} role="search" aria-label={label}>
      <Select
        variant="typeahead"
        isOpen={open}
        onOpenChange={setOpen}
        shouldFocusFirstItemOnOpen={false}
        isScrollable
        onSelect={(_event, value) => {
          const choice = choices.find((one) => one.id === value);
          if (choice) pick(choice.number, choice.name);
        }}
        toggle={toggle}
      >
        <SelectList id={listId} aria-label={t('dial.suggestions')}>
          {choices.map((choice, index) => (
            <SelectOption
              key={choice.id}
              id={choice.id}
              value={choice.id}
              isFocused={index === active}
              description={
                choice.kind && (
                  <>
                    {t(`directory.kind.${choice.kind}`)} <span className="jf-number">{choice.number}</span>
                  </>
                )
              }
            >
              {choice.kind ? choice.name : t('dial.callNumber', { number: choice.number })}
            </SelectOption>
          ))}
          {choices.length === 0 && (
            <SelectOption isDisabled value="" id={`${listId}-none`}>
              {t('dial.noPeople')}
            </SelectOption>
          )}
        </SelectList>
      </Select>
      <Button
        type="submit"
        icon={icon}
        isLoading={busy}
        spinnerAriaLabel={t('app.working')}
        isAriaDisabled={busy}
      >
        {action}
      </Button>
    </form>
  );
}

/** The number itself, if the text is one, and then the people that the directory finds for it. */
function useChoices(text: string, listId: string): Choice[] {
  const maySearch = useMay('directory');
  const trimmed = text.trim();
  const search = useDebounced(trimmed, searchPauseMs);
  const { data } = useSuggestions(maySearch ? search : '');
  const people = trimmed === '' ? [] : (data?.entries ?? []);
  return [
    ...(isDialable(trimmed)
      ? [{ id: `${listId}-number`, name: trimmed, kind: undefined, number: trimmed }]
      : []),
    ...people.flatMap((person) =>
      numbersOf(person).map(({ kind, value }, index) => ({
        id: `${listId}-${person.id}-${index}`,
        name: person.name,
        kind,
        number: value,
      })),
    ),
  ];
}
