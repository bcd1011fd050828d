// What Orthanc Explorer's jQuery 1.7 and jQuery Mobile 1.1 are used for.

interface JQueryMobileElements {
  live(event: string, handler: () => void): void;
  listview(method?: 'refresh'): void;
}

declare const $: {
  (selected: string | Element): JQueryMobileElements;
  mobile: { pageData?: { uuid?: string } };
  noop: () => void;
};
