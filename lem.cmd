@echo off
rem The lem command on Windows. The build prepares what it starts: target\lem.jar and target\lib.
setlocal
set "here=%~dp0"
set "here=%here:~0,-1%"

if not exist "%here%\target\lem.jar" (
    echo lem: nothing is built yet in %here%; take the folder target from a build on Linux or macOS. 1>&2
    exit /b 1
)

set "java=java.exe"
if defined JAVA_HOME set "java=%JAVA_HOME%\bin\java.exe"
"%java%" --version >nul 2>nul
if errorlevel 1 (
    echo lem: %java% was not found; install a JDK 25 or later and set JAVA_HOME to its folder. 1>&2
    exit /b 1
)
set "version="
for /f "tokens=2" %%v in ('"%java%" --version') do if not defined version set "version=%%v"
set "full=%version%"
for /f "delims=.-+" %%v in ("%version%") do set "version=%%v"
if %version% LSS 25 (
    echo lem: %java% is Java %version%, and LEM needs 25 or later; set JAVA_HOME to a JDK 25. 1>&2
    exit /b 1
)

rem The file from which Java takes loaded classes instead of loading them again (docs/startup.md). It is made in the background
rem when there is none for this JDK and these jars; Java itself compares, too. LEM_AOT=off starts without it.
set "options=-XX:+UseSerialGC --enable-native-access=io.lethean.lem"
set "aot="
if /i "%LEM_AOT%"=="off" goto start
set "key=%full% %java%"
pushd "%here%\target\lib"
for %%f in (*.jar) do call :add "%%~zf %%~tf"
popd
set "seen="
if exist "%here%\target\aot\windows.txt" set /p seen=<"%here%\target\aot\windows.txt"
if "%seen%"=="%key%" if exist "%here%\target\aot\windows.aot" set "aot="-XX:AOTCache=%here%\target\aot\windows.aot" -Xlog:aot=off -Xlog:cds=off"
if not defined aot start "" /b /low cmd /d /c call "%here%\scripts\aot-cache.cmd" <nul >nul 2>nul

:start
rem Compiling for the highest speed takes longer than these commands. For the others it is worth it.
set "tier="
for %%c in (info inspect generate help version completion --help --version -h -V "") do if "%~1"=="%%~c" set "tier=-XX:TieredStopAtLevel=1"
if "%~2"=="--help" set "tier=-XX:TieredStopAtLevel=1"

rem LEM_JAVA_OPTS holds options for the JVM, separated by spaces.
"%java%" %options% %tier% %aot% "-Dlem.home=%here%" %LEM_JAVA_OPTS% ^
    -p "%here%\target\lib" -m io.lethean.lem.cli/io.lethean.lem.cli.Lem %*
exit /b %errorlevel%

:add
set "key=%key% %~1"
exit /b 0
