// Adds "De-identify" to the study page of Orthanc Explorer (jQuery 1.7, jQuery Mobile 1.1).
// Starts a job by POST /studies/{id}/deidentify and shows how it goes and how it ends.
(function () {
  'use strict';

  var TEXTS = {
    en: {
      title: 'De-identification',
      button: 'De-identify',
      starting: 'Starting…',
      running: 'De-identifying: {Progress} %',
      Success: 'Done: every instance is in the store {Stores}.',
      Partial: 'Done in part: not every instance could be released.',
      Failure: 'Nothing was released.',
      Cancelled: 'Cancelled.',
      counts: 'Delivered {Delivered}, already there {Duplicate}, quarantined {Quarantined}, failed {Failed}, lost {Lost}',
      refused: 'Not started: {Details}',
      unreachable: 'Orthanc does not answer; trying again…'
    },
    ru: {
      title: 'Деидентификация',
      button: 'Деидентифицировать',
      starting: 'Запуск…',
      running: 'Деидентификация: {Progress} %',
      Success: 'Готово: все объекты переданы в хранилище {Stores}.',
      Partial: 'Готово частично: выпущены не все объекты.',
      Failure: 'Ничего не выпущено.',
      Cancelled: 'Отменено.',
      counts: 'Передано {Delivered}, уже было {Duplicate}, в карантине {Quarantined}, сбоев {Failed}, утрачено {Lost}',
      refused: 'Не запущено: {Details}',
      unreachable: 'Orthanc не отвечает; новая попытка…'
    }
  };

  var POLL_MS = 500;
  var RETRY_MS = 3000;
  var language = (navigator.language || 'en').slice(0, 2).toLowerCase();
  var texts = TEXTS[language] || TEXTS.en;

  function fill(text, values) {
    return text.replace(/\{(\w+)\}/g, function (_, key) {
      var value = values[key];
      return $.isArray(value) ? value.join(', ') : String(value);
    });
  }

  function Panel(study) {
    var self = this;
    self.closed = false;
    self.busy = false;
    self.button = $('<a href="#">').attr('id', 'deidentify-start').text(texts.button);
    self.status = $('<div>').attr({ id: 'deidentify-status', role: 'status', 'aria-live': 'polite' })
      .css({ 'white-space': 'pre-line', 'font-weight': 'normal' });
    self.row = $('<li>').append(self.status).hide();
    self.list = $('<ul>')
      .attr({ id: 'deidentify', 'data-inset': 'true', 'data-theme': 'd', 'data-divider-theme': 'c' })
      .append($('<li data-role="list-divider">').text(texts.title))
      .append($('<li data-icon="star">').append(self.button))
      .append(self.row);
    self.button.click(function (event) {
      event.preventDefault();
      if (!self.busy) {
        self.start(study);
      }
    });
  }

  Panel.prototype.say = function (text, state) {
    this.status.text(text).attr('data-state', state || '');
    this.row.show();
    this.list.listview('refresh');
  };

  Panel.prototype.start = function (study) {
    var self = this;
    self.busy = true;
    self.say(texts.starting);
    $.ajax({
      url: '../studies/' + study + '/deidentify',
      type: 'POST',
      dataType: 'json',
      contentType: 'application/json',
      data: '{}',
      success: function (job) { self.follow('..' + job.Path); },
      error: function (request) {
        var details;
        try {
          details = $.parseJSON(request.responseText).Details;
        } catch (_) {
          details = request.status + ' ' + request.statusText;
        }
        self.busy = false;
        self.say(fill(texts.refused, { Details: details }), 'Refused');
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
          self.say(fill(texts[job.State], job) + '\n' + fill(texts.counts, job), job.State);
        }
      },
      error: function () {
        self.say(texts.unreachable);
        again(RETRY_MS);
      }
    });
  };

  var shown = null;

  $('#study').live('pagebeforeshow', function () {
    var data = $.mobile.pageData;
    if (shown) {
      shown.closed = true;
    }
    $('#deidentify').remove();
    if (!data || !data.uuid) {
      return;
    }
    shown = new Panel(data.uuid);
    shown.list.insertAfter($('#study-delete').closest('ul')).listview();
  });
}());
