"""The command `orthanc-deid`: run | verify | preview | profile | analyze."""
