@echo off
rem Makes the file from which lem.cmd starts faster, as scripts/aot-cache does it for ./lem. lem.cmd sets here, java, options and key.
set "folder=%here%\target\aot"
set "part=%folder%\windows-%RANDOM%%RANDOM%.part"
rem One process makes it. A folder of one that failed or was killed is removed with the folder target\aot.
if exist "%folder%\windows.lock" exit /b 0
mkdir "%folder%\windows.lock" 2>nul
"%java%" %options% "-XX:AOTCacheOutput=%part%" "-Dlem.home=%here%" ^
    -p "%here%\target\lib" -m io.lethean.lem.cli/io.lethean.lem.cli.StartupTraining "%here%\models\lem-nano.gguf"
if errorlevel 1 exit /b 1
if not exist "%part%" exit /b 1
del /q "%folder%\windows.txt" 2>nul
move /y "%part%" "%folder%\windows.aot" >nul
>"%folder%\windows.txt" echo %key%
rmdir "%folder%\windows.lock"
