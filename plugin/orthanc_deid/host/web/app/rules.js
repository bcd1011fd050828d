// The rules that hold instances back, in Russian; in English they stand as the ledger has them.

import { language } from './texts.js';

/** A rule, or the beginning of one that ends with a number or the name of an error -> what it means. */
export const RULES = {
  "a DICOMDIR is no instance": 'DICOMDIR — не объект',
  "a command set is no instance": 'набор команд — не объект',
  "big endian samples of this width": 'отсчёты такой ширины с обратным порядком байтов',
  "bytes behind the last element": 'байты после последнего элемента',
  "conflict": 'в хранилище под тем же UID лежит другое содержимое',
  "data set ends inside an element's header": 'набор данных обрывается в заголовке элемента',
  "deflated data set cannot be inflated": 'сжатый набор данных не распаковывается',
  "deflated data set is cut off or too large": 'сжатый набор данных обрезан или слишком велик',
  "element stands twice": 'элемент повторяется',
  "encapsulated document": 'вложенный документ',
  "file meta not in explicit VR": 'метаинформация файла без явных VR',
  "file meta without a data set": 'метаинформация файла без набора данных',
  "identifying value in a text that must stay": 'сведения о личности в тексте, который должен остаться',
  "item without its delimiter": 'элемент последовательности без ограничителя',
  "length past the end": 'длина выходит за конец данных',
  "lost": 'удалён до передачи',
  "nesting deeper than": 'вложенность глубже допустимой',
  "nesting too deep": 'слишком глубокая вложенность',
  "no SOP Class UID": 'нет SOP Class UID',
  "no UID of the instance": 'у объекта нет UID',
  "no data set that can be read behind the Part 10 prefix": 'за префиксом файла DICOM нет читаемого набора данных',
  "no fragment where one must be": 'нет фрагмента там, где он должен быть',
  "no item where one must be": 'нет элемента последовательности там, где он должен быть',
  "no preview: pydicom cannot read it": 'предпросмотр невозможен: pydicom не может прочитать',
  "not DICOM": 'не DICOM',
  "not admitted": 'хранилище больше не допускает этот профиль',
  "not in the table of pseudonyms": 'нет в таблице псевдонимов',
  "patient not in the table of pseudonyms": 'пациента нет в таблице псевдонимов',
  "private SOP class": 'приватный SOP Class',
  "refused by": 'отклонено правилом профиля',
  "rejected by the store": 'хранилище отказалось принять',
  "sequence without its delimiter": 'последовательность без ограничителя',
  "source": 'сбой источника',
  "store": 'сбой хранилища',
  "suspected of burned-in text": 'подозрение на текст в пикселях',
  "unexpected": 'непредвиденная ошибка',
  "unknown character set": 'неизвестная кодировка',
  "unknown transfer syntax": 'неизвестный Transfer Syntax',
  "unreadable": 'не удаётся прочитать',
  "VR is not the dictionary's": 'VR не соответствует словарю',
  "value too long for its VR": 'значение слишком длинно для своего VR',
  "value too long for the profile's condition": 'значение слишком длинно для условия профиля',
  "verification": 'проверка нашла недопустимое в результате',
  "volume from which a face could be rebuilt": 'объём, по которому можно восстановить лицо',
};

const LONGEST_FIRST = Object.keys(RULES).sort((one, other) => other.length - one.length);

/** A rule, or a reason that begins with one, in the reader's language as far as it is known. */
export function inWords(text) {
  const known = language === 'ru' && LONGEST_FIRST.find((rule) => text.startsWith(rule));
  return known ? RULES[known] + text.slice(known.length) : text;
}
