// Adds "De-identify" to the pages of a patient, a study, a series and an instance of Orthanc Explorer
// (jQuery 1.7 and jQuery Mobile 1.1 in all versions of Orthanc so far): choose profile and store, start, see how it
// goes, follow the link to what became of it. On a study that was de-identified before, a line says how that ended.
(function () {
  'use strict';

  var TEXTS = {
    en: {
      title: 'De-identification', button: 'De-identify', profile: 'Profile', store: 'Store',
      starting: 'Starting…', running: 'De-identifying: {Progress} %',
      Success: 'Done: every instance is in the store {Stores}.',
      Partial: 'Done in part: not every instance could be released.',
      Failure: 'Nothing was released.', Cancelled: 'Cancelled.',
      counts: { Delivered: 'delivered {n}', Duplicate: 'already there {n}', Quarantined: 'quarantined {n}', Failed: 'failed {n}', Lost: 'lost {n}' },
      why: 'Held back ({Count}): {Reason}', more: 'and further reasons',
      refused: 'Not started: {Details}', unreachable: 'Orthanc does not answer; trying again…',
      details: 'What became of it', result: 'Open the result', folder: 'Results are in {Folder}', preview: 'Preview what changes',
      past: {
        Pending: 'De-identification is under way.', Delivered: 'De-identified: every instance was delivered.',
        Partial: 'De-identified in part.', Withheld: 'Nothing was released.'
      }
    },
    ru: {
      title: 'Деидентификация', button: 'Деидентифицировать', profile: 'Профиль', store: 'Хранилище',
      starting: 'Запуск…', running: 'Деидентификация: {Progress} %',
      Success: 'Готово: все объекты переданы в хранилище {Stores}.',
      Partial: 'Готово частично: выпущены не все объекты.',
      Failure: 'Ничего не выпущено.', Cancelled: 'Отменено.',
      counts: { Delivered: 'передано {n}', Duplicate: 'уже было {n}', Quarantined: 'в карантине {n}', Failed: 'сбоев {n}', Lost: 'утрачено {n}' },
      why: 'Задержано ({Count}): {Reason}', more: 'и другие причины',
      refused: 'Не запущено: {Details}', unreachable: 'Orthanc не отвечает; новая попытка…',
      details: 'Что с ним стало', result: 'Открыть результат', folder: 'Результаты в {Folder}', preview: 'Предпросмотр изменений',
      past: {
        Pending: 'Деидентификация идёт.', Delivered: 'Деидентифицировано: переданы все объекты.',
        Partial: 'Деидентифицировано частично.', Withheld: 'Ничего не выпущено.'
      }
    }
  };

  var LEVELS = { patient: 'patients', study: 'studies', series: 'series', instance: 'instances' };
  var PAGE = '../deidentify/app/index.html';
  var POLL_MS = 500;
  var RETRY_MS = 3000;
  var MOST_REASONS = 3;
  var MOST_STUDIES = 10;
  var wished = navigator.languages || [navigator.language || 'en'];
  var texts = $.grep($.map(wished, function (each) { return TEXTS[each.slice(0, 2).toLowerCase()]; }), Boolean)[0] || TEXTS.en;

  // Rules are told in the reader's language by what the page knows; without it they stay as the ledger has them.
  var inWords = function (text) { return text; };
  import('../deidentify/app/rules.js').then(function (rules) { inWords = rules.inWords; }, $.noop);

  function fill(text, values) {
    return text.replace(/\{(\w+)\}/g, function (_, key) {
      var value = values[key];
      return $.isArray(value) ? value.join(', ') : String(value);
    });
  }

  function details(request) {
    try {
      return $.parseJSON(request.responseText).Details;
    } catch (_) {
      return request.status + ' ' + request.statusText;
    }
  }

  // How a job ended, in lines: only what there is, and why something is held back.
  function told(job) {
    var counts = $.map(texts.counts, function (text, key) { return job[key] ? fill(text, { n: job[key] }) : null; });
    var reasons = $.map(job.Reasons.slice(0, MOST_REASONS), function (each) {
      return fill(texts.why, { Count: each.Count, Reason: inWords(each.Reason) });
    });
    var counted = counts.join(', ');
    return [fill(texts[job.State], job), counted.charAt(0).toUpperCase() + counted.slice(1)]
      .concat(reasons, job.Reasons.length > MOST_REASONS ? texts.more : [])
      .filter(Boolean).join('\n');
  }

  // One list on one page of one resource. `kind` is the page's name: patient, study, series or instance.
  function Panel(kind, uuid) {
    this.kind = kind;
    this.resource = LEVELS[kind] + '/' + uuid;
    this.uuid = uuid;
    this.closed = false;
    this.busy = false;
    this.stores = {};
    this.build();
  }

  Panel.prototype.build = function () {
    var self = this;
    self.button = $('<a href="#">').attr('id', 'deidentify-start').text(texts.button);
    self.status = $('<div>').attr({ id: 'deidentify-status', role: 'status', 'aria-live': 'polite' })
      .css({ 'white-space': 'pre-line', 'font-weight': 'normal' });
    self.row = $('<li>').append(self.status).hide();
    self.profile = self.chooser('deidentify-profile', texts.profile);
    self.store = self.chooser('deidentify-store', texts.store);
    self.profile.select.change(function () { self.offerStores(); });
    self.link = $('<a target="_self">').attr({ id: 'deidentify-details', rel: 'external', href: PAGE + '#study/' + self.uuid }).text(texts.details);
    self.linkRow = $('<li data-icon="info">').append(self.link).hide();
    self.preview = $('<a target="_self" rel="external">').attr('id', 'deidentify-preview').text(texts.preview);
    self.list = $('<ul>')
      .attr({ id: 'deidentify', 'data-inset': 'true', 'data-theme': 'd', 'data-divider-theme': 'c' })
      .append($('<li data-role="list-divider">').text(texts.title))
      .append(self.profile.row).append(self.store.row)
      .append($('<li data-icon="search">').append(self.preview))
      .append($('<li data-icon="star">').append(self.button))
      .append(self.row).append(self.linkRow);
    self.button.click(function (event) {
      event.preventDefault();
      if (!self.busy) {
        self.start();
      }
    });
  };

  Panel.prototype.chooser = function (id, label) {
    var select = $('<select data-role="none">').attr('id', id).css({ width: '100%', font: 'inherit', padding: '.25em' });
    var row = $('<li>').append($('<label>').attr('for', id).css({ display: 'block', 'font-weight': 'normal', 'font-size': '.85em' }).text(label)).append(select);
    return { select: select, row: row.hide() };
  };

  // Read what can be chosen: only profiles that some store admits. Where there is one choice, nothing is asked.
  Panel.prototype.offer = function () {
    var self = this;
    $.ajax({ url: '../deidentify', dataType: 'json', cache: false, complete: function (request) {
      var state;
      try {
        state = $.parseJSON(request.responseText); // with 503 too, while work cannot go on
      } catch (_) {
        state = null;
      }
      if (self.closed || !state || !state.Stores) {
        return;
      }
      self.stores = state.Stores;
      $.each(state.Profiles, function (name, description) {
        if (self.storesFor(name).length) {
          self.profile.select.append($('<option>').val(name).text(name).attr('title', inWords(description)));
        }
      });
      self.profile.select.val(state.DefaultProfile);
      if (self.profile.select.val() === null) {
        self.profile.select.prop('selectedIndex', 0);
      }
      self.profile.row.toggle(self.profile.select.children().length > 1);
      self.offerStores();
      self.list.attr('data-ready', 'true');
    } });
  };

  Panel.prototype.storesFor = function (profile) {
    return $.map(this.stores, function (store, name) {
      return $.inArray(profile, store.Profiles) < 0 ? null : name;
    });
  };

  Panel.prototype.offerStores = function () {
    var profile = this.profile.select.val();
    var select = this.store.select.empty();
    $.each(this.storesFor(profile), function (_, name) {
      select.append($('<option>').val(name).text(name));
    });
    this.store.row.toggle($.map(this.stores, function (_, name) { return name; }).length > 1);
    this.preview.attr('href', PAGE + '#preview/' + this.resource + '?profile=' + encodeURIComponent(profile));
    this.list.listview('refresh');
  };

  Panel.prototype.say = function (text, state) {
    this.status.text(text).attr('data-state', state || '');
    this.row.show();
    this.list.listview('refresh');
  };

  // On a study that somebody de-identified before: how that ended.
  Panel.prototype.remember = function () {
    var self = this;
    if (self.kind !== 'study') {
      return;
    }
    $.ajax({ url: '../deidentify/studies/' + self.uuid, dataType: 'json', cache: false, success: function (found) {
      var text = texts.past[found.State];
      if (text && !self.busy && !self.closed && !self.status.attr('data-state')) {
        self.say(text, 'Past' + found.State);
        self.linkRow.show();
        self.list.listview('refresh');
      }
    } });
  };

  Panel.prototype.start = function () {
    var self = this;
    var wanted = {};
    if (self.profile.select.val()) {
      wanted = { Profile: self.profile.select.val(), Store: self.store.select.val() };
    }
    self.busy = true;
    self.say(texts.starting);
    $.ajax({
      url: '../' + self.resource + '/deidentify',
      type: 'POST',
      dataType: 'json',
      contentType: 'application/json',
      data: JSON.stringify($.extend(wanted, { Asynchronous: true })),
      success: function (job) { self.follow('..' + job.Path); },
      error: function (request) {
        self.busy = false;
        self.say(fill(texts.refused, { Details: details(request) }), 'Refused');
      }
    });
  };

  Panel.prototype.follow = function (path) {
    var self = this;
    if (self.closed) {
      return;
    }
    function again(pause) {
      setTimeout(function () { self.follow(path); }, pause);
    }
    $.ajax({
      url: path,
      dataType: 'json',
      cache: false,
      success: function (job) {
        if (job.State === 'Pending' || job.State === 'Running') {
          self.say(fill(texts.running, job), job.State);
          again(POLL_MS);
        } else {
          self.busy = false;
          self.finished(job);
        }
      },
      error: function () {
        self.say(texts.unreachable);
        again(RETRY_MS);
      }
    });
  };

  Panel.prototype.finished = function (job) {
    var self = this;
    self.say(told(job), job.State);
    self.studies(function (studies) {
      self.linkRow.hide();
      self.list.find('.deidentify-result').remove();
      $.each(studies.slice(0, MOST_STUDIES), function (_, study) { self.linkTo(study, studies.length > 1, job); });
    });
  };

  // Hand over the identifiers of the studies that this page's resource is of, or is made of.
  Panel.prototype.studies = function (use) {
    var self = this;
    if (self.kind === 'study') {
      use([self.uuid]);
      return;
    }
    var path = '../' + self.resource + (self.kind === 'patient' ? '' : '/study');
    $.ajax({ url: path, dataType: 'json', cache: false, success: function (found) {
      use(self.kind === 'patient' ? found.Studies : [found.ID]);
    } });
  };

  // Link to what became of a study, and to the results that a job's profile and stores made of it.
  Panel.prototype.linkTo = function (study, several, job) {
    var self = this;
    var link = self.link.clone().removeAttr('id').attr('href', PAGE + '#study/' + study).addClass('deidentify-details');
    link.text(texts.details + (several ? ' (' + study.slice(0, 8) + ')' : ''));
    var last = $('<li data-icon="info" class="deidentify-result">').append(link).appendTo(self.list);
    self.list.listview('refresh');
    $.ajax({ url: '../deidentify/studies/' + study, dataType: 'json', cache: false, success: function (found) {
      $.each(found.Results, function (_, result) {
        if (self.closed || result.Profile !== job.Profile || $.inArray(result.Store, job.Stores) < 0) {
          return;
        }
        var row = $('<li class="deidentify-result">').insertAfter(last);
        if (/^https?:/.test(result.Link || '')) {
          row.attr('data-icon', 'forward').append($('<a target="_blank" rel="external noreferrer">').attr('href', result.Link).text(texts.result));
        } else {
          row.css({ 'white-space': 'normal', 'overflow-wrap': 'anywhere', 'font-weight': 'normal' }).text(fill(texts.folder, result));
        }
        last = row;
      });
      self.list.listview('refresh');
    } });
  };

  var shown = null;

  $.each(LEVELS, function (kind) {
    $('#' + kind).live('pagebeforeshow', function () {
      var data = $.mobile.pageData;
      if (shown) {
        shown.closed = true;
      }
      $('#deidentify').remove();
      if (!data || !data.uuid) {
        return;
      }
      shown = new Panel(kind, data.uuid);
      shown.list.insertAfter($('#' + kind + '-delete').closest('ul')).listview();
      shown.offer();
      shown.remember();
    });
  });
}());
