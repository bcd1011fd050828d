// Added to Orthanc Explorer (jQuery 1.7 and jQuery Mobile 1.1 in all versions of Orthanc so far), which loads it as a
// classic script: on the page of a patient, a study, a series or an instance it shows what the module `button.js` draws.
(function () {
  'use strict';

  const MODULE = '../deidentify/app/button.js'; // from /plugins/, where Orthanc serves this script

  for (const kind of ['patient', 'study', 'series', 'instance']) {
    $('#' + kind).live('pagebeforeshow', function () {
      const data = $.mobile.pageData;
      import(MODULE).then(function (button) {
        button.show(kind, data && data.uuid);
      }, $.noop); // without the module, for want of a permission for instance, Orthanc Explorer stays as it was
    });
  }
}());
