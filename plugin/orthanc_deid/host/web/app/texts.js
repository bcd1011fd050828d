// What the page says, in English and Russian, by the browser's first language that is one of them.

const EN = {
  title: 'De-identification', skip: 'Skip to content', sections: 'Sections', loading: 'Loading…',
  overview: 'Overview', held: 'Held back', jobs: 'Jobs', explorer: 'Orthanc',
  running: 'Running', impaired: 'Impaired', unreachable: 'Orthanc does not answer; trying again…',
  failedToLoad: 'Could not be read: {0}', refused: 'Refused: {0}', version: 'orthanc-deid {0}',
  Pending: 'Waiting', Delivered: 'Delivered', Duplicate: 'Already there', Quarantined: 'Quarantined', Failed: 'Failed',
  Lost: 'Lost', Ignored: 'Left alone', Cancelled: 'Cancelled', Superseded: 'Overwritten since', Claimed: 'In work',
  Running: 'Running', Success: 'Done', Partial: 'Partial', Failure: 'Nothing released', Withheld: 'Nothing released',
  Unknown: 'Not de-identified yet',
  hintPending: 'instances not finished yet', hintDelivered: 'verified and stored', hintQuarantined: 'not safe to release by the rules',
  hintFailed: 'a store or the source failed', hintLost: 'deleted before they were delivered',
  oldest: 'the oldest for {0}', duplicates: '{0} more were already there',
  throughput: 'Throughput', throughputHint: 'Instances finished per hour, last 48 hours', throughputNone: 'Nothing was finished in the last 48 hours.',
  held_: 'held back', why: 'Why instances were held back', rule: 'Rule', reason: 'Reason', tag: 'Tag', instances: 'Instances', whyNone: 'Nothing is held back.',
  partial: 'Partial studies', partialHint: 'Studies of which something is held back. What was delivered of them is not the whole study.',
  partialNone: 'No study is delivered in part.', study: 'Study', state: 'State', details: 'Details',
  stores: 'Stores', store: 'Store', type: 'Kind', profiles: 'Profiles', profile: 'Profile', by: 'Profile and store',
  open: 'Open a study', openHint: 'Orthanc identifier, Study Instance UID or Accession Number', openGo: 'Open', openNone: 'Orthanc knows no such study.',
  retry: 'Try again', retryAll: 'Try all again', retried: '{0} returned to the queue', retriedNone: 'It is being tried already, or was delivered since.', release: 'Release', releaseBy: 'Release by',
  released: 'Started by profile {0}', releaseNone: 'its store admits no other profile', noneHeld: 'Nothing here.', allRules: 'All rules',
  more: 'Show more', instance: 'Instance', since: 'Since', attempts: 'Attempts', actions: 'Actions', when: 'Started', progress: 'Progress',
  resource: 'Resource', cancel: 'Cancel', cancelled: 'Cancelled', jobsNone: 'No job was started yet.', result: 'Result',
  patients: 'Patient', studies: 'Study', series: 'Series', instancesLevel: 'Instance', received: 'received',
  start: 'De-identify', started: 'Started', startHint: 'Choose how and where to, look at the preview, then start.',
  preview: 'Preview', previewTitle: 'Preview: nothing is sent', previewHint: 'This shows values of the patient. What is shown here is not stored and not logged.',
  before: 'Before', after: 'After', attribute: 'Attribute', action: 'Action', changes: '{0} elements change', filter: 'Find in the list',
  accepted: 'The verifier accepts the result.', rejected: 'It would be quarantined: {0}', none: '(none)', removed: '(removed)', previewing: 'De-identifying for the preview…',
  results: 'Results', place: 'Where', works: 'Instance by instance', openOrthanc: 'Open in Orthanc Explorer', openResult: 'Open the result',
  unknownCount: '{0} instances have not been asked for yet', choose: 'Choose…', noStore: 'No store admits this profile.', figures: 'Report', figuresOpen: 'Open the report',
  identifying: 'Identifying tags', previewInstance: 'Shown for instance {0}', hour: 'Hour', delivered: 'delivered', showTable: 'As a table',
  whyTags: 'At which tags', whyTagsNone: 'No reason names a tag.', whyTagsSome: 'Counted over the first works of each state.', moreFindings: '{0} more findings',
  ignoredCount: '{0} instances were left alone: the rules for receipt want nothing of them.',
  ignoredHint: 'The rules for receipt leave this study alone. It is de-identified only where somebody asks for it, here or by a route.',
  tagsHint: 'Which attributes can carry identity, counted over the instances themselves. No value is shown.',
  tagsSome: '{0} of {1} instances were looked at, spread over all of them.', analysing: 'Counting tags…', all: 'All',
  attributes: 'Distinct attributes', elements: 'Elements', suspected: 'Suspected of burned-in text', unreadable: 'Could not be read',
  shares: 'Share of identifying ones among distinct attributes', shortTable: 'Table', shortPrivate: 'or private', shortVr: 'or by VR', of: 'Of',
  byTable: 'has a Basic Profile action in PS3.15 Table E.1-1', byPrivate: 'that, or private', byVr: 'that, or of a VR that can hold identity',
  article: 'The line marks 60 %, which a study of radiographs and fluorograms found.', byIOD: 'By kind of object', bymodality: 'By modality', bymanufacturer: 'By manufacturer',
  occurring: 'Attributes that occur', whyIdentity: 'Can carry identity', inTable: 'table: {0}', isPrivate: 'private', other: 'others', noneSaid: 'none said', files: 'Instances',
};

const RU = {
  title: 'Деидентификация', skip: 'К содержанию', sections: 'Разделы', loading: 'Загрузка…',
  overview: 'Обзор', held: 'Задержано', jobs: 'Задания', explorer: 'Orthanc',
  running: 'Работает', impaired: 'Есть неполадка', unreachable: 'Orthanc не отвечает; новая попытка…',
  failedToLoad: 'Не удалось прочитать: {0}', refused: 'Отказано: {0}', version: 'orthanc-deid {0}',
  Pending: 'Ожидает', Delivered: 'Передано', Duplicate: 'Уже было', Quarantined: 'В карантине', Failed: 'Сбой',
  Lost: 'Утрачено', Ignored: 'Не тронуто', Cancelled: 'Отменено', Superseded: 'Заменено позже', Claimed: 'В работе',
  Running: 'Выполняется', Success: 'Готово', Partial: 'Частично', Failure: 'Ничего не выпущено', Withheld: 'Ничего не выпущено',
  Unknown: 'Ещё не деидентифицировано',
  hintPending: 'объектов ещё не обработано', hintDelivered: 'проверено и сохранено', hintQuarantined: 'по правилам выпускать нельзя',
  hintFailed: 'сбой хранилища или источника', hintLost: 'удалены до передачи',
  oldest: 'самый старый ждёт {0}', duplicates: 'ещё {0} уже были в хранилище',
  throughput: 'Производительность', throughputHint: 'Обработано объектов в час за последние 48 часов', throughputNone: 'За последние 48 часов ничего не обработано.',
  held_: 'задержано', why: 'Почему объекты задержаны', rule: 'Правило', reason: 'Причина', tag: 'Тег', instances: 'Объекты', whyNone: 'Ничего не задержано.',
  partial: 'Неполные исследования', partialHint: 'Исследования, часть которых задержана. Переданное — не всё исследование.',
  partialNone: 'Нет исследований, переданных частично.', study: 'Исследование', state: 'Состояние', details: 'Подробности',
  stores: 'Хранилища', store: 'Хранилище', type: 'Вид', profiles: 'Профили', profile: 'Профиль', by: 'Профиль и хранилище',
  open: 'Открыть исследование', openHint: 'Идентификатор Orthanc, Study Instance UID или Accession Number', openGo: 'Открыть', openNone: 'Orthanc не знает такого исследования.',
  retry: 'Повторить', retryAll: 'Повторить все', retried: 'Возвращено в очередь: {0}', retriedNone: 'Уже выполняется или было передано.', release: 'Выпустить', releaseBy: 'Выпустить по профилю',
  released: 'Запущено по профилю {0}', releaseNone: 'хранилище не допускает других профилей', noneHeld: 'Здесь ничего нет.', allRules: 'Все правила',
  more: 'Показать ещё', instance: 'Объект', since: 'С', attempts: 'Попытки', actions: 'Действия', when: 'Запущено', progress: 'Ход',
  resource: 'Что', cancel: 'Отменить', cancelled: 'Отменено', jobsNone: 'Заданий ещё не было.', result: 'Итог',
  patients: 'Пациент', studies: 'Исследование', series: 'Серия', instancesLevel: 'Объект', received: 'принято',
  start: 'Деидентифицировать', started: 'Запущено', startHint: 'Выберите, как и куда, посмотрите предпросмотр, затем запустите.',
  preview: 'Предпросмотр', previewTitle: 'Предпросмотр: ничего не передаётся', previewHint: 'Здесь видны данные пациента. Показанное не сохраняется и не попадает в журнал.',
  before: 'До', after: 'После', attribute: 'Атрибут', action: 'Действие', changes: 'Изменяется элементов: {0}', filter: 'Найти в списке',
  accepted: 'Проверка принимает результат.', rejected: 'Попало бы в карантин: {0}', none: '(нет)', removed: '(удалено)', previewing: 'Деидентификация для предпросмотра…',
  results: 'Результаты', place: 'Где', works: 'По объектам', openOrthanc: 'Открыть в Orthanc Explorer', openResult: 'Открыть результат',
  unknownCount: 'ещё не запрошено объектов: {0}', choose: 'Выберите…', noStore: 'Ни одно хранилище не допускает этот профиль.', figures: 'Отчёт', figuresOpen: 'Открыть отчёт',
  identifying: 'Идентифицирующие теги', previewInstance: 'Показано для объекта {0}', hour: 'Час', delivered: 'передано', showTable: 'Таблицей',
  whyTags: 'На каких тегах', whyTagsNone: 'Ни одна причина не называет тег.', whyTagsSome: 'Подсчитано по первым объектам каждого состояния.', moreFindings: 'ещё замечаний: {0}',
  ignoredCount: 'Не тронуто объектов: {0}. Правила приёма ничего с ними не делают.',
  ignoredHint: 'Правила приёма это исследование не трогают. Оно деидентифицируется, только если об этом попросить: здесь или запросом к серверу.',
  tagsHint: 'Какие атрибуты могут нести сведения о личности; подсчитано по самим объектам. Значения не показываются.',
  tagsSome: 'Просмотрено объектов: {0} из {1}, равномерно по всем.', analysing: 'Подсчёт тегов…', all: 'Все',
  attributes: 'Различных атрибутов', elements: 'Элементов', suspected: 'Подозрение на текст в пикселях', unreadable: 'Не удалось прочитать',
  shares: 'Доля идентифицирующих среди различных атрибутов', shortTable: 'Таблица', shortPrivate: 'или приватный', shortVr: 'или по VR', of: 'Чего',
  byTable: 'есть действие Basic Profile в таблице E.1-1 PS3.15', byPrivate: 'то же или приватный', byVr: 'то же или VR, способный нести сведения о личности',
  article: 'Линия отмечает 60 %, полученные при исследовании рентгенограмм и флюорограмм.', byIOD: 'По видам объектов', bymodality: 'По модальностям', bymanufacturer: 'По производителям',
  occurring: 'Встретившиеся атрибуты', whyIdentity: 'Может идентифицировать', inTable: 'таблица: {0}', isPrivate: 'приватный', other: 'прочие', noneSaid: 'не указано', files: 'Объекты',
};

const TEXTS = { en: EN, ru: RU };
const wished = navigator.languages && navigator.languages.length ? navigator.languages : [navigator.language || 'en'];
export const language = wished.map((each) => each.slice(0, 2).toLowerCase()).find((each) => each in TEXTS) || 'en';

/** The text under a key, `{0}` filled in; a word of the routes that is not known stands for itself. */
export function t(key, ...values) {
  const text = TEXTS[language][key] ?? key;
  return text.replace(/\{(\d)\}/g, (_, index) => String(values[index]));
}

const numbers = new Intl.NumberFormat(language);
const times = new Intl.DateTimeFormat(language, { dateStyle: 'short', timeStyle: 'short' });
const hours = new Intl.DateTimeFormat(language, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });

const percents = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 0 });

export const number = (value) => numbers.format(value || 0);

/** A share between 0 and 1, as per cent. */
export const percent = (share) => percents.format(share);

/** Orthanc's yyyymmddThhmmss in UTC as the reader's own time. */
export function time(text) {
  const found = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)/.exec(text || '');
  return found ? times.format(new Date(Date.UTC(found[1], found[2] - 1, found[3], found[4], found[5], found[6]))) : '';
}

export const hourOf = (date) => hours.format(date);

/** Seconds in the largest unit that fits. */
export function duration(seconds) {
  const [unit, size] = [['day', 86400], ['hour', 3600], ['minute', 60], ['second', 1]].find(([, each]) => seconds >= each) || ['second', 1];
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(Math.round(seconds / size));
}

export { EN, RU };
